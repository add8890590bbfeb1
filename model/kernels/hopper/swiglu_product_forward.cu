#include "model/kernels/hopper/swiglu_product.h"
#include "model/kernels/hopper/tile_product.cuh"
#include "model/kernels/swiglu.cuh"
#include "model/kernels/tensor_core.cuh"

// A tile's columns are half of a, half the same ones of b. The multiplying warpgroups put their sums down, rounded, and
// go on with the next tile; meanwhile the warps beside the copying one bring a and b to memory and compute h.
namespace tbench::kernels {
namespace {

using namespace hopper;

constexpr int kFinishers = kGroupWarps - 1;  // warps

struct Problem {
  TileProduct product;
  CUtensorMap panels;  // of ab [rows, 2, width]: 128 rows by 64 columns
  __nv_bfloat16* h;
  int rows, width;
};

template <int kColumns>
class Block {
 public:
  static constexpr int kStages = kColumns == 256 ? 3 : 6;
  static constexpr int kWidth = kColumns / 2;  // of h
  static constexpr int kProductBytes = kColumns / kSide * kPanelBytes;
  using StageRing = Stages<kColumns, kStages, true>;
  static constexpr int kSharedBytes = kSwizzleBytes + StageRing::kBytes + kProductBytes + StageRing::Barriers::kBytes +
                                      Ring<1>::kBytes;  // from any address on

  __device__ Block(const Problem& problem, unsigned memory)
      : problem_(problem),
        product_(memory + StageRing::kBytes),
        stages_(memory, product_ + kProductBytes),
        products_(product_ + kProductBytes + StageRing::Barriers::kBytes) {}

  __device__ __forceinline__ void Init() const {
    stages_.Init();
    products_.Init(kGroups * kGroupWarps, kFinishers);
    PublishBarriers();
  }

  // By one thread.
  __device__ __forceinline__ void Copy() {
    ForEachTile(problem_.product, kWidth, [&](const Place& place) {
      stages_.Copy(problem_.product, place, [&](int slice, int part) {
        return Corner{slice * kSide, place.column, part};
      });
    });
  }

  __device__ __forceinline__ void Multiply(int group) {
    ForEachTile(problem_.product, kWidth, [&](const Place&) {
      Sums<kColumns> sums{};
      stages_.Multiply(sums, problem_.product.slices, group, [] {});
      stages_.ReleaseLast();
      products_.AwaitEmpty();
      PutDown(sums, group * kSide + FragmentRow());
      PublishToCopies();
      ArriveByWarp(products_.Full());
      products_.Next();
    });
  }

  // By thread `thread` of the finishing ones.
  __device__ __forceinline__ void Finish(int thread) {
    ForEachTile(problem_.product, kWidth, [&](const Place& place) {
      products_.AwaitFull();
      if (thread == 0) {
        constexpr int kPanels = kWidth / kSide;  // of a, and of b
        for (int i = 0; i < 2 * kPanels; ++i) {
          CopyOut(problem_.panels, {place.column + i % kPanels * kSide, i / kPanels, place.row},
                  product_ + unsigned(i * kPanelBytes));
        }
        CommitCopiesOut();
      }
      __syncwarp();
      Gate(place, thread);
      if (thread == 0) AwaitCopiesOut<0>();
      ArriveByWarp(products_.Empty());
      products_.Next();
    });
  }

 private:
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
      StoreFragments(FragmentAddress(Panel(unit), row, unit % kUnits), pairs);
    }
  }
  __device__ __forceinline__ unsigned Panel(int unit) const { return product_ + unsigned(unit / kUnits * kPanelBytes); }

  // A thread has the same 8 columns of h in every so many rows.
  __device__ __forceinline__ void Gate(const Place& place, int thread) const {
    constexpr int kRowUnits = kWidth / 8, kRowsAtOnce = kWarp / kRowUnits;  // of a warp
    const int unit = thread % kRowUnits, first_row = thread % kWarp / kRowUnits;
    const int rows = place.column + 8 * unit < problem_.width ? problem_.rows - place.row : 0;
    __nv_bfloat16* const h = problem_.h + std::int64_t(place.row) * problem_.width + place.column + 8 * unit;
#pragma unroll 4
    for (int turn = thread / kWarp; turn < kTileRows / kRowsAtOnce; turn += kFinishers) {
      const int row = turn * kRowsAtOnce + first_row;
      const Eight a = LoadShared(UnitAddress(Panel(unit), row, unit % kUnits));
      const Eight b = LoadShared(UnitAddress(Panel(unit + kRowUnits), row, unit % kUnits));
      Eight gated;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float2 x = UnpackPair(a.pairs[i]), y = UnpackPair(b.pairs[i]);
        gated.pairs[i] = PackPair(SwiGlu<__nv_bfloat16>(x.x, y.x), SwiGlu<__nv_bfloat16>(x.y, y.y));
      }
      if (row < rows) StoreEight(h + std::int64_t(row) * problem_.width, gated);
    }
  }

  const Problem& problem_;
  unsigned product_;  // where the multiplying warps put it down: panels of a, then of b
  StageRing stages_;
  Ring<1> products_;
};

template <int kColumns>
__global__ void __cluster_dims__(kCluster) __launch_bounds__(kThreads, 1)
    SwiGluProductForwardKernel(const __grid_constant__ Problem problem) {
  Block<kColumns> block(problem, SwizzledMemory());
  if (threadIdx.x == 0) {
    block.Init();
    PrefetchMap(problem.product.left);
    PrefetchMap(problem.product.right);
  }
  __syncwarp();
  SyncCluster();
  if (threadIdx.x >= kWarpgroup) {
    SetRegisters<184, true>();
    block.Multiply(int(threadIdx.x) / kWarpgroup - 1);
  } else {
    SetRegisters<128, false>();
    if (threadIdx.x >= kWarp) {
      block.Finish(int(threadIdx.x) - kWarp);
    } else if (threadIdx.x == 0) {
      block.Copy();
    }
    __syncwarp();
  }
  SyncCluster();  // the other block may still arrive at this one's barriers
}

}  // namespace

bool HasSwiGluProduct() {
  cudaFuncAttributes attributes{};
  if (cudaFuncGetAttributes(&attributes, SwiGluProductForwardKernel<256>) == cudaSuccess) return true;
  cudaGetLastError();  // no code for this device; the next call must not report that
  return false;
}

cudaError_t SwiGluProductForward(cudaStream_t stream, const __nv_bfloat16* x, const __nv_bfloat16* w13,
                                 __nv_bfloat16* ab, __nv_bfloat16* h, std::int64_t rows, std::int64_t in,
                                 std::int64_t width) {
  int multiprocessors = 0;
  cudaError_t error = CheckExtents({rows, in, width}, multiprocessors);
  if (error != cudaSuccess) return error;
  Problem problem{};
  problem.h = h;
  problem.rows = int(rows);
  problem.width = int(width);
  TileProduct& product = problem.product;
  product.slices = int(Parts(in, kSide));
  product.pairs = int(Parts(rows, kCluster * kTileRows));
  const bool narrow = Narrow(product.pairs, 2 * width, multiprocessors);
  const std::uint32_t tile_width = narrow ? 64 : 128;
  product.columns = int(Parts(width, tile_width));
  error = MakeTensorMap(product.left, x, {{in, rows, 1}, {in, in * rows}}, {kSide, kTileRows, 1});
  if (error == cudaSuccess) {
    error = MakeTensorMap(product.right, w13, {{in, width, 2}, {in, in * width}}, {kSide, tile_width, 1});
  }
  if (error == cudaSuccess) {
    error = MakeTensorMap(problem.panels, ab, {{width, 2, rows}, {width, 2 * width}}, {kSide, 1, kTileRows});
  }
  if (error != cudaSuccess) return error;
  const int tiles = product.pairs * product.columns;
  if (narrow) {
    return LaunchOnClusters(stream, SwiGluProductForwardKernel<128>, problem, tiles, Block<128>::kSharedBytes,
                            multiprocessors);
  }
  return LaunchOnClusters(stream, SwiGluProductForwardKernel<256>, problem, tiles, Block<256>::kSharedBytes,
                          multiprocessors);
}

}  // namespace tbench::kernels
