#include "model/kernels/hopper/swiglu_gemm.h"
#include "model/kernels/hopper/tile_gemm.cuh"
#include "model/kernels/swiglu.cuh"
#include "model/kernels/tensor_core.cuh"

// Behind a tile's slices, a and b come through stages of the same ring, 64 columns at a time. The multiplying
// warpgroups turn them, in place, into their gradients, and the copy engine brings those back to where they were.
namespace tbench::kernels {
namespace {

using namespace hopper;

struct Problem {
  TileGemm gemm;
  CUtensorMap squares;  // of ab [rows, 2, width]: 64 rows by 64 columns
};

template <int kColumns>
class Block {
 public:
  static constexpr int kRegisters = 40, kMultiplyingRegisters = 232;
  static constexpr int kStages = kColumns == 256 ? 4 : 6;
  static constexpr int kChunks = kColumns / kSide;  // of a and b
  using StageRing = Stages<kColumns, kStages, false>;
  static constexpr int kSharedBytes = kSwizzleBytes + StageRing::kBytes + StageRing::Barriers::kBytes;

  __device__ Block(const Problem& problem, unsigned memory)
      : problem_(problem), stages_(memory, memory + StageRing::kBytes) {}

  __device__ __forceinline__ void Init() const {
    stages_.Init();
    PublishBarriers();
    for (const CUtensorMap* map : {&problem_.gemm.left, &problem_.gemm.right, &problem_.squares}) {
      PrefetchMap(*map);
    }
  }

  __device__ __forceinline__ void RunFirst() {
    if (threadIdx.x == 0) Copy();
  }

  __device__ __forceinline__ void Multiply(int group) {
    const bool leads = threadIdx.x % kWarpgroup == 0;
    bool holds = false;  // the last stage of the tile before, which is on its way to memory
    const auto release = [&] {
      if (!holds) return;
      if (leads) AwaitCopiesOut<0>();
      __syncwarp();
      stages_.ReleaseLast();
    };
    ForEachTile(problem_.gemm, kColumns, [&](const Place& place) {
      Sums<kColumns> sums{};
      stages_.Multiply(sums, problem_.gemm.slices, group, release);
      auto& ring = stages_.ring();
#pragma unroll
      for (int chunk = 0; chunk < kChunks; ++chunk, ring.Next()) {
        ring.AwaitFull();
        ToGradients(sums, chunk, group);
        PublishToCopies();
        SyncWarpgroup(1 + group);
        if (leads) {
          for (int half = 0; half < 2; ++half) {
            CopyOut(problem_.squares, SquareCorner(place, group, chunk, half), Square(group, half));
          }
          CommitCopiesOut();
          AwaitCopiesOut<1>();
        }
        __syncwarp();
        if (chunk > 0) stages_.ReleaseLast();
      }
      holds = true;
    });
    if (leads) AwaitCopiesOut<0>();
    __syncwarp();
  }

 private:
  __device__ __forceinline__ void Copy() {
    ForEachTile(problem_.gemm, kColumns, [&](const Place& place) {
      stages_.Copy(problem_.gemm, place, [&](int slice, int part) {
        return Corner{place.column + part * kColumns / 2, slice * kSide, 0};
      });
      auto& ring = stages_.ring();
      for (int chunk = 0; chunk < kChunks; ++chunk, ring.Next()) {
        ring.AwaitEmpty();
        ArriveExpecting(ring.Full(), 2 * kPanelBytes);
        for (int half = 0; half < 2; ++half) {
          for (int group = 0; group < kGroups; ++group) {
            CopyIn(Square(group, half), problem_.squares, SquareCorner(place, group, chunk, half), ring.Full());
          }
        }
      }
    });
  }

  __device__ __forceinline__ unsigned Square(int group, int half) const {
    return stages_.Memory() + unsigned(half * kPanelBytes + group * kSquareBytes);
  }
  __device__ __forceinline__ static Corner SquareCorner(const Place& place, int group, int chunk, int half) {
    return {place.column + chunk * kSide, half, place.row + group * kSide};
  }

  // 64 columns of the group's rows.
  __device__ __forceinline__ void ToGradients(const Sums<kColumns>& sums, int chunk, int group) const {
#pragma unroll
    for (int unit = 0; unit < kUnits; unit += 2) {
      const unsigned at_a = FragmentAddress(Square(group, 0), FragmentRow(), unit), at_b = at_a + kPanelBytes;
      unsigned a[4], b[4];
      LoadFragments(a, at_a);
      LoadFragments(b, at_b);
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const int j = 4 * (chunk * kUnits + unit) + 2 * i;
        float2 x = UnpackPair(a[i]), y = UnpackPair(b[i]);
        SwiGluGradients<__nv_bfloat16>(sums.at[j], x.x, y.x);
        SwiGluGradients<__nv_bfloat16>(sums.at[j + 1], x.y, y.y);
        a[i] = PackPair(x.x, x.y);
        b[i] = PackPair(y.x, y.y);
      }
      StoreFragments(at_a, a);
      StoreFragments(at_b, b);
    }
  }

  const Problem& problem_;
  StageRing stages_;
};

template <int kColumns>
__global__ void __cluster_dims__(kCluster) __launch_bounds__(kThreads, 1)
    SwiGluGemmBackwardKernel(const __grid_constant__ Problem problem) {
  Block<kColumns> block(problem, SwizzledMemory());
  RunBlock(block);
}

struct Arguments {
  const __nv_bfloat16 *dy, *w2;
  __nv_bfloat16* ab;
  std::int64_t rows, in, width;
};

template <int kColumns>
cudaError_t Run(cudaStream_t stream, const Arguments& a, int multiprocessors) {
  Problem problem{};
  TileGemm& gemm = problem.gemm;
  cudaError_t error = Describe(gemm, a.dy, a.rows, a.in, a.width, kColumns);
  if (error != cudaSuccess) return error;
  error = MakeTensorMap(gemm.right, a.w2, {{a.width, a.in, 1}, {a.width, a.width * a.in}}, {kSide, kSide, 1});
  if (error != cudaSuccess) return error;
  error = MakeTensorMap(problem.squares, a.ab, {{a.width, 2, a.rows}, {a.width, 2 * a.width}}, {kSide, 1, kSide});
  if (error != cudaSuccess) return error;
  return Launch<Block<kColumns>>(stream, SwiGluGemmBackwardKernel<kColumns>, problem, multiprocessors);
}

}  // namespace

cudaError_t SwiGluGemmBackward(cudaStream_t stream, const __nv_bfloat16* dy, const __nv_bfloat16* w2, __nv_bfloat16* ab,
                               std::int64_t rows, std::int64_t in, std::int64_t width) {
  int multiprocessors = 0;
  const cudaError_t error = CheckExtents({rows, in, width}, multiprocessors);
  if (error != cudaSuccess) return error;
  const Arguments arguments{dy, w2, ab, rows, in, width};
  return Narrow(rows, width, multiprocessors) ? Run<128>(stream, arguments, multiprocessors)
                                              : Run<256>(stream, arguments, multiprocessors);
}

}  // namespace tbench::kernels
