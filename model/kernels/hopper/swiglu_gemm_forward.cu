#include "model/kernels/hopper/gemm_epilogue.cuh"
#include "model/kernels/hopper/swiglu_gemm.h"
#include "model/kernels/swiglu.cuh"

namespace tbench::kernels {
namespace {

using namespace hopper;

// A tile's columns are half of a, half the same ones of b.
template <int kColumns>
struct SwiGluEpilogue {
  static constexpr int kWidth = kColumns / 2;  // of h

  CUtensorMap panels;  // of ab [rows, 2, width]
  __nv_bfloat16* h;
  int rows, width;

  __device__ __forceinline__ Corner RightCorner(const Place& place, int slice, int part) const {
    return {slice * kSide, place.column, part};
  }

  // The copy engine brings a and b to memory.
  __device__ __forceinline__ void operator()(const Place& place, const RoundedTile<kColumns>& tile, int thread) const {
    if (thread == 0) {
      constexpr int kPanels = kWidth / kSide;  // of a, and of b
      for (int i = 0; i < 2 * kPanels; ++i) {
        CopyOut(panels, {place.column + i % kPanels * kSide, i / kPanels, place.row}, tile.Panel(i * kUnits));
      }
      CommitCopiesOut();
    }
    __syncwarp();
    constexpr int kRowUnits = kWidth / 8;
    ForEachUnit<kRowUnits>(thread, [&](int row, int unit) {
      const Eight a = tile.At(row, unit), b = tile.At(row, unit + kRowUnits);
      Eight gated;
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        const float2 x = UnpackPair(a.pairs[i]), y = UnpackPair(b.pairs[i]);
        gated.pairs[i] = PackPair(SwiGlu<__nv_bfloat16>(x.x, y.x), SwiGlu<__nv_bfloat16>(x.y, y.y));
      }
      const int at_row = place.row + row, column = place.column + 8 * unit;
      if (at_row < rows && column < width) StoreEight(h + std::int64_t(at_row) * width + column, gated);
    });
    if (thread == 0) AwaitCopiesOut<0>();
  }
};

struct Arguments {
  const __nv_bfloat16 *x, *w13;
  __nv_bfloat16 *ab, *h;
  std::int64_t rows, in, width;
};

template <int kColumns>
cudaError_t Run(cudaStream_t stream, const Arguments& a, int multiprocessors) {
  using Epilogue = SwiGluEpilogue<kColumns>;
  ProblemWithEpilogue<kColumns, SwiGluEpilogue> problem{};
  problem.epilogue.h = a.h;
  problem.epilogue.rows = int(a.rows);
  problem.epilogue.width = int(a.width);
  cudaError_t error = Describe(problem.gemm, a.x, a.rows, a.in, a.width, Epilogue::kWidth);
  if (error != cudaSuccess) return error;
  error = MakeTensorMap(problem.gemm.right, a.w13, {{a.in, a.width, 2}, {a.in, a.in * a.width}},
                        {kSide, Epilogue::kWidth, 1});
  if (error != cudaSuccess) return error;
  error = MakeTensorMap(problem.epilogue.panels, a.ab, {{a.width, 2, a.rows}, {a.width, 2 * a.width}},
                        {kSide, 1, kTileRows});
  if (error != cudaSuccess) return error;
  return LaunchGemmWithEpilogue(stream, problem, multiprocessors);
}

}  // namespace

cudaError_t SwiGluGemmForward(cudaStream_t stream, const __nv_bfloat16* x, const __nv_bfloat16* w13, __nv_bfloat16* ab,
                              __nv_bfloat16* h, std::int64_t rows, std::int64_t in, std::int64_t width) {
  int multiprocessors = 0;
  const cudaError_t error = CheckExtents({rows, in, width}, multiprocessors);
  if (error != cudaSuccess) return error;
  const Arguments arguments{x, w13, ab, h, rows, in, width};
  return Narrow(rows, 2 * width, multiprocessors) ? Run<128>(stream, arguments, multiprocessors)
                                                  : Run<256>(stream, arguments, multiprocessors);
}

}  // namespace tbench::kernels
