#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "model/kernels/device_attribute.h"
#include "model/kernels/hopper/hopper.cuh"
#include "model/kernels/hopper/tensor_map.h"

// The part that GEMMs of BF16 matrices have in common, whatever a kernel does with its sums: left [M, K] · right,
// by tiles of 128 × kColumns of the result, in slices of 64 along K.
//
// A cluster of two blocks has a pair of tiles, one below the other, which share the right operand: each block copies
// half of it to both. One warp of a block copies, some slices ahead, into a ring of stages; two warpgroups multiply,
// 64 rows each. Blocks take tiles until there are none.
namespace tbench::kernels::hopper {

constexpr int kGroups = 2;  // that multiply
constexpr int kGroupWarps = kWarpgroup / kWarp;
constexpr int kThreads = (1 + kGroups) * kWarpgroup;  // the first warpgroup is the kernel's own, but for its first warp
constexpr int kCluster = 2;                           // blocks
constexpr int kSide = 64;                             // of a slice along K, and of a group's rows
constexpr int kUnits = kSide / 8;                     // of 16 bytes
constexpr int kTileRows = kGroups * kSide;
constexpr int kSquareBytes = kSide * kRowBytes;     // kSide by kSide elements
constexpr int kPanelBytes = kTileRows * kRowBytes;  // kTileRows by kSide
// A kernel starts with as many registers a thread as a multiprocessor has for them, in steps of 8; the first warpgroup
// gives some of its own to the others, which would wait forever for more than there are.
constexpr int kLaunchRegisters = 65'536 / kThreads / 8 * 8;
// Pairs of tiles that share columns and are computed together: their operands fit the L2 cache.
constexpr int kBand = 8;

template <int kColumns>
constexpr int kStageBytes = kPanelBytes + (kColumns * kRowBytes);

struct TileGemm {
  CUtensorMap left, right;
  int slices;          // of K
  int pairs, columns;  // of tiles
};

// Where a block's tile begins, in the rows of the result and in columns of which a tile has `width`.
struct Place {
  int row, column;
};

__device__ __forceinline__ Place PlaceOf(const TileGemm& gemm, int tile, int width) {
  const int band = tile / (kBand * gemm.columns) * kBand, in_band = tile % (kBand * gemm.columns);
  const int pairs = min(kBand, gemm.pairs - band);
  const int pair = band + in_band % pairs;
  return {(pair * kCluster + int(ClusterRank())) * kTileRows, in_band / pairs * width};
}

template <class Work>
__device__ __forceinline__ void ForEachTile(const TileGemm& gemm, int width, const Work& work) {
  const int clusters = int(gridDim.x) / kCluster, tiles = gemm.pairs * gemm.columns;
  for (int tile = int(blockIdx.x) / kCluster; tile < tiles; tile += clusters) work(PlaceOf(gemm, tile, width));
}

// Buffers in turn, each with a barrier of its being full and one of its being empty: 16 bytes of barriers a buffer.
template <int kCount>
class Ring {
 public:
  static constexpr int kBytes = 16 * kCount;

  __device__ explicit Ring(unsigned barriers) : barriers_(barriers) {}

  __device__ __forceinline__ void Init(int fills, int empties) const {
    for (int i = 0; i < kCount; ++i) {
      InitBarrier(FullOf(i), fills);
      InitBarrier(EmptyOf(i), empties);
    }
  }
  __device__ __forceinline__ unsigned At() const { return unsigned(at_); }
  __device__ __forceinline__ unsigned Full() const { return FullOf(at_); }
  __device__ __forceinline__ unsigned Empty() const { return EmptyOf(at_); }
  __device__ __forceinline__ unsigned EmptyOfLast() const { return EmptyOf((at_ == 0 ? kCount : at_) - 1); }
  __device__ __forceinline__ void AwaitFull() const { Await(Full(), parity_); }
  __device__ __forceinline__ void AwaitEmpty() const { Await(Empty(), parity_ ^ 1); }
  __device__ __forceinline__ void Next() {
    if (++at_ == kCount) {
      at_ = 0;
      parity_ ^= 1;
    }
  }

 private:
  __device__ __forceinline__ unsigned FullOf(int i) const { return barriers_ + unsigned(8 * i); }
  __device__ __forceinline__ unsigned EmptyOf(int i) const { return barriers_ + unsigned(8 * (kCount + i)); }

  unsigned barriers_;
  int at_ = 0;
  unsigned parity_ = 0;  // of the time around
};

// The ring of stages. kRightAlongK: whether the right operand is [N, K] in memory, as the left one is [M, K], and not
// [K, N].
template <int kColumns, int kStages, bool kRightAlongK>
class Stages {
 public:
  static constexpr int kBytes = kStages * kStageBytes<kColumns>;
  using Barriers = Ring<kStages>;

  __device__ Stages(unsigned memory, unsigned barriers) : memory_(memory), ring_(barriers) {}

  // A stage is full for its block, empty for the cluster, whose blocks both copy into it.
  __device__ __forceinline__ void Init() const { ring_.Init(1, kCluster * kGroups * kGroupWarps); }
  __device__ __forceinline__ Barriers& ring() { return ring_; }
  __device__ __forceinline__ unsigned Memory() const { return memory_ + ring_.At() * kStageBytes<kColumns>; }

  // By one thread: a tile's slices. `right_corner(slice, part)` is where part 0 or 1 of the right operand's slice
  // begins; of [K, N] its columns come 64 at a time.
  template <class RightCorner>
  __device__ __forceinline__ void Copy(const TileGemm& gemm, const Place& place, const RightCorner& right_corner) {
    constexpr unsigned kBoth = 3;
    constexpr int kHalfBytes = kColumns * kRowBytes / 2;
    const unsigned rank = ClusterRank();
    for (int slice = 0; slice < gemm.slices; ++slice, ring_.Next()) {
      const unsigned full = ring_.Full(), right = Memory() + kPanelBytes + rank * kHalfBytes;
      ring_.AwaitEmpty();
      ArriveExpecting(full, kStageBytes<kColumns>);
      CopyIn(Memory(), gemm.left, {slice * kSide, place.row, 0}, full);
      Corner corner = right_corner(slice, int(rank));
      if constexpr (kRightAlongK) {
        CopyInEach(right, gemm.right, corner, full, kBoth);
      } else {
        for (int i = 0; i < kHalfBytes / kSquareBytes; ++i, corner.along += kSide) {
          CopyInEach(right + unsigned(i * kSquareBytes), gemm.right, corner, full, kBoth);
        }
      }
    }
  }

  // By a multiplying warpgroup: sums += its rows of the tile, whose stages are then released. `meanwhile()` is called
  // while the first slice is multiplied.
  template <class Meanwhile>
  __device__ __forceinline__ void Multiply(Sums<kColumns>& sums, int slices, int group, const Meanwhile& meanwhile) {
    for (int slice = 0; slice < slices; ++slice, ring_.Next()) {
      const std::uint64_t left = Operand<true>(Memory() + unsigned(group * kSquareBytes));
      const std::uint64_t right = Operand<kRightAlongK>(Memory() + kPanelBytes);
      ring_.AwaitFull();
      FenceWgmma();
#pragma unroll
      for (unsigned step = 0; step < kSide / 16; ++step) {
        MultiplyAdd<kRightAlongK>(sums, left + (step * kStepBytes<true> >> 4),
                                  right + (step * kStepBytes<kRightAlongK> >> 4));
      }
      CommitWgmma();
      if (slice == 0) {
        meanwhile();
      } else {
        AwaitWgmma<1>();
        ReleaseLast();
      }
    }
    AwaitWgmma<0>();
    Hold(sums);
    ReleaseLast();
  }

  // By each multiplying warp: that it is done with the stage before the current one.
  __device__ __forceinline__ void ReleaseLast() const {
    const unsigned lane = threadIdx.x % kWarp;
    if (lane < kCluster) ArriveAt(ring_.EmptyOfLast(), lane);
  }

 private:
  unsigned memory_;
  Barriers ring_;
};

// The row of a tile at which a multiplying warp's fragments begin.
__device__ __forceinline__ int FragmentRow() { return int(threadIdx.x) % kWarpgroup / kWarp * 16; }

// A kernel's work. A Block has
//   kRegisters, kMultiplyingRegisters   of a thread of the first warpgroup and of the others
//   kSharedBytes                        of shared memory
//   void Init()                         by one thread: barriers, and what can be fetched ahead
//   void RunFirst()                     what the first warpgroup does: its first thread copies
//   void Multiply(group)                what the others do
template <class Block>
__device__ __forceinline__ void RunBlock(Block& block) {
  static_assert(Block::kRegisters + kGroups * Block::kMultiplyingRegisters <= (1 + kGroups) * kLaunchRegisters);
  if (threadIdx.x == 0) block.Init();
  __syncwarp();
  SyncCluster();
  if (threadIdx.x >= kWarpgroup) {
    SetRegisters<Block::kMultiplyingRegisters, true>();
    block.Multiply(int(threadIdx.x) / kWarpgroup - 1);
  } else {
    SetRegisters<Block::kRegisters, false>();
    block.RunFirst();
    __syncwarp();
  }
  SyncCluster();  // the other block may still arrive at this one's barriers
}

// Rows, K and columns: cudaErrorInvalidValue where these kernels do not take them, as their coordinates, of which the
// largest are four times an extent, are ints and their rows units of 16 bytes. Tells how many multiprocessors the
// current device has.
inline cudaError_t CheckExtents(const std::array<std::int64_t, 3>& extents, int& multiprocessors) {
  for (const std::int64_t extent : extents) {
    if (extent <= 0 || extent > INT32_MAX / 4) return cudaErrorInvalidValue;
  }
  if (extents[1] % 8 != 0 || extents[2] % 8 != 0) return cudaErrorInvalidValue;
  return Multiprocessors(multiprocessors);
}

// The Block's kernel, on so many clusters as there are multiprocessors and tiles for.
template <class Block, class Problem>
cudaError_t Launch(cudaStream_t stream, void (*kernel)(Problem), const Problem& problem, int multiprocessors) {
  constexpr int kBytes = Block::kSharedBytes;
  const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kBytes);
  if (error != cudaSuccess) return error;
  const int clusters = std::min(problem.gemm.pairs * problem.gemm.columns, multiprocessors / kCluster);
  kernel<<<unsigned(clusters * kCluster), kThreads, kBytes, stream>>>(problem);
  return cudaGetLastError();
}

inline std::int64_t Parts(std::int64_t extent, std::int64_t part) { return (extent + part - 1) / part; }

// All of a GEMM but its right operand: left [rows, in], and `columns` of which a tile has `width`.
inline cudaError_t Describe(TileGemm& gemm, const __nv_bfloat16* left, std::int64_t rows, std::int64_t in,
                            std::int64_t columns, int width) {
  gemm.slices = int(Parts(in, kSide));
  gemm.pairs = int(Parts(rows, kCluster * kTileRows));
  gemm.columns = int(Parts(columns, width));
  return MakeTensorMap(gemm.left, left, {{in, rows, 1}, {in, in * rows}}, {kSide, kTileRows, 1});
}

// Whether tiles of 128 columns are expected to be faster than tiles of 256: by the rounds in which all clusters have
// one. A narrow tile takes more than half the time of a wide one.
inline bool Narrow(std::int64_t rows, std::int64_t columns, int multiprocessors) {
  const auto rounds = [&](std::int64_t of) {
    return Parts(Parts(rows, kCluster * kTileRows) * Parts(columns, of), multiprocessors / kCluster);
  };
  return rounds(128) * 10 < rounds(256) * 18;
}

}  // namespace tbench::kernels::hopper
