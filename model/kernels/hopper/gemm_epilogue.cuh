#pragma once

#include "model/kernels/hopper/tile_gemm.cuh"
#include "model/kernels/tensor_core.cuh"

// A GEMM x·Wᵀ with an epilogue, something elementwise that is done to its rounded tiles on their way to memory. The
// multiplying warpgroups put a tile down and go on with the next one; meanwhile the warps beside the copying one run
// the epilogue.
//
// An Epilogue<kColumns> has
//   static constexpr int kWidth                     columns between the places of neighbouring tiles
//   Corner RightCorner(place, slice, part)          where half a tile's weights begin in W's tensor map
//   void operator()(place, tile, thread)            what each of kEpilogueWarps warps' threads does with a tile
namespace tbench::kernels::hopper {

constexpr int kEpilogueWarps = kGroupWarps - 1;  // warps

// A tile in shared memory, in panels of 64 columns. A unit is 8 columns of a row.
template <int kColumns>
struct RoundedTile {
  static constexpr int kBytes = kColumns / kSide * kPanelBytes;
  unsigned memory;

  __device__ __forceinline__ unsigned Panel(int unit) const { return memory + unsigned(unit / kUnits * kPanelBytes); }
  __device__ __forceinline__ Eight At(int row, int unit) const {
    return LoadShared(UnitAddress(Panel(unit), row, unit % kUnits));
  }
};

// Calls work(row, unit) for a thread's share of a tile's units, of which a row has kRowUnits: the same unit of every so
// many rows.
template <int kRowUnits, class Work>
__device__ __forceinline__ void ForEachUnit(int thread, const Work& work) {
  constexpr int kRowsAtOnce = kWarp / kRowUnits;  // of a warp
  const int unit = thread % kRowUnits, first_row = thread % kWarp / kRowUnits;
#pragma unroll 4
  for (int turn = thread / kWarp; turn < kTileRows / kRowsAtOnce; turn += kEpilogueWarps) {
    work(turn * kRowsAtOnce + first_row, unit);
  }
}

template <int kColumns, template <int> class Epilogue>
struct ProblemWithEpilogue {
  TileGemm gemm;
  Epilogue<kColumns> epilogue;
};

template <int kColumns, template <int> class Epilogue>
class EpilogueBlock {
 public:
  using Problem = ProblemWithEpilogue<kColumns, Epilogue>;
  static constexpr int kRegisters = 128, kMultiplyingRegisters = 184;
  static constexpr int kStages = kColumns == 256 ? 3 : 6;
  using StageRing = Stages<kColumns, kStages, true>;
  using Tile = RoundedTile<kColumns>;
  static constexpr int kSharedBytes =
      kSwizzleBytes + StageRing::kBytes + Tile::kBytes + StageRing::Barriers::kBytes + Ring<1>::kBytes;

  __device__ EpilogueBlock(const Problem& problem, unsigned memory)
      : problem_(problem),
        tile_{memory + StageRing::kBytes},
        stages_(memory, tile_.memory + Tile::kBytes),
        tiles_(tile_.memory + Tile::kBytes + StageRing::Barriers::kBytes) {}

  __device__ __forceinline__ void Init() const {
    stages_.Init();
    tiles_.Init(kGroups * kGroupWarps, kEpilogueWarps);
    PublishBarriers();
    PrefetchMap(problem_.gemm.left);
    PrefetchMap(problem_.gemm.right);
  }

  __device__ __forceinline__ void RunFirst() {
    if (threadIdx.x >= kWarp) {
      RunEpilogue(int(threadIdx.x) - kWarp);
    } else if (threadIdx.x == 0) {
      Copy();
    }
  }

  __device__ __forceinline__ void Multiply(int group) {
    ForEach([&](const Place&) {
      Sums<kColumns> sums{};
      stages_.Multiply(sums, problem_.gemm.slices, group, [] {});
      tiles_.AwaitEmpty();
      PutDown(sums, group * kSide + FragmentRow());
      PublishToCopies();
      ArriveByWarp(tiles_.Full());
      tiles_.Next();
    });
  }

 private:
  __device__ __forceinline__ void Copy() {
    ForEach([&](const Place& place) {
      stages_.Copy(problem_.gemm, place,
                   [&](int slice, int part) { return problem_.epilogue.RightCorner(place, slice, part); });
    });
  }

  // By thread `thread` of the epilogue's.
  __device__ __forceinline__ void RunEpilogue(int thread) {
    ForEach([&](const Place& place) {
      tiles_.AwaitFull();
      problem_.epilogue(place, tile_, thread);
      ArriveByWarp(tiles_.Empty());
      tiles_.Next();
    });
  }

  template <class Work>
  __device__ __forceinline__ void ForEach(const Work& work) const {
    ForEachTile(problem_.gemm, Epilogue<kColumns>::kWidth, work);
  }

  __device__ __forceinline__ static void ArriveByWarp(unsigned barrier) {
    __syncwarp();
    if (threadIdx.x % kWarp == 0) Arrive(barrier);
  }

  __device__ __forceinline__ void PutDown(const Sums<kColumns>& sums, int row) const {
#pragma unroll
    for (int unit = 0; unit < kColumns / 8; unit += 2) {
      unsigned pairs[4];
#pragma unroll
      for (int i = 0; i < 4; ++i) pairs[i] = PackPair(sums.at[4 * unit + 2 * i], sums.at[4 * unit + 2 * i + 1]);
      StoreFragments(FragmentAddress(tile_.Panel(unit), row, unit % kUnits), pairs);
    }
  }

  const Problem& problem_;
  Tile tile_;
  StageRing stages_;
  Ring<1> tiles_;
};

template <int kColumns, template <int> class Epilogue>
__global__ void __cluster_dims__(kCluster) __launch_bounds__(kThreads, 1)
    GemmWithEpilogueKernel(const __grid_constant__ ProblemWithEpilogue<kColumns, Epilogue> problem) {
  EpilogueBlock<kColumns, Epilogue> block(problem, SwizzledMemory());
  RunBlock(block);
}

template <int kColumns, template <int> class Epilogue>
cudaError_t LaunchGemmWithEpilogue(cudaStream_t stream, const ProblemWithEpilogue<kColumns, Epilogue>& problem,
                                   int multiprocessors) {
  return Launch<EpilogueBlock<kColumns, Epilogue>>(stream, GemmWithEpilogueKernel<kColumns, Epilogue>, problem,
                                                   multiprocessors);
}

}  // namespace tbench::kernels::hopper
