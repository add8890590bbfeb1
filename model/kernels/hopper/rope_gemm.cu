#include "model/kernels/hopper/gemm_epilogue.cuh"
#include "model/kernels/hopper/rope_gemm.h"
#include "model/kernels/rope.cuh"

namespace tbench::kernels {
namespace {

using namespace hopper;

template <int kColumns>
struct RopeEpilogue {
  static constexpr int kWidth = kColumns;

  __nv_bfloat16* qkv;
  const float *cos, *sin;
  int rows, context, head_size, width;  // width: of queries and keys; half as many columns of values follow

  __device__ __forceinline__ Corner RightCorner(const Place& place, int slice, int part) const {
    return {slice * kSide, place.column + part * kColumns / 2, 0};
  }

  __device__ __forceinline__ void operator()(const Place& place, const RoundedTile<kColumns>& tile, int thread) const {
    constexpr int kRowUnits = kColumns / 8;
    ForEachUnit<kRowUnits>(thread, [&](int row, int unit) {
      const int at_row = place.row + row, column = place.column + 8 * unit, all_columns = width / 2 * 3;
      Eight values = tile.At(row, unit);
      if (at_row >= rows || column >= all_columns) return;
      if (column < width) {
        const int angle = (at_row % context * head_size + column % head_size) / 2;
        const float4 c = *reinterpret_cast<const float4*>(cos + angle),
                     s = *reinterpret_cast<const float4*>(sin + angle);
        values.pairs[0] = Rotated(values.pairs[0], c.x, s.x);
        values.pairs[1] = Rotated(values.pairs[1], c.y, s.y);
        values.pairs[2] = Rotated(values.pairs[2], c.z, s.z);
        values.pairs[3] = Rotated(values.pairs[3], c.w, s.w);
      }
      StoreEight(qkv + std::int64_t(at_row) * all_columns + column, values);
    });
  }

  __device__ __forceinline__ static unsigned Rotated(unsigned pair, float c, float s) {
    const float2 x = UnpackPair(pair);
    const Pair rotated = Rotate<false>(Pair{x.x, x.y}, c, s);
    return PackPair(rotated.even, rotated.odd);
  }
};

struct Arguments {
  const __nv_bfloat16 *x, *wqkv;
  __nv_bfloat16* qkv;
  const float *cos, *sin;
  RopeShape shape;
  std::int64_t in, out;
};

template <int kColumns>
cudaError_t Run(cudaStream_t stream, const Arguments& a, int multiprocessors) {
  ProblemWithEpilogue<kColumns, RopeEpilogue> problem{};
  problem.epilogue = {a.qkv,
                      a.cos,
                      a.sin,
                      int(a.shape.rows),
                      int(a.shape.context),
                      int(a.shape.head_size),
                      int(a.shape.qkv().values())};
  cudaError_t error = Describe(problem.gemm, a.x, a.shape.rows, a.in, a.out, kColumns);
  if (error != cudaSuccess) return error;
  error = MakeTensorMap(problem.gemm.right, a.wqkv, {{a.in, a.out, 1}, {a.in, a.in * a.out}}, {kSide, kColumns / 2, 1});
  if (error != cudaSuccess) return error;
  return LaunchGemmWithEpilogue(stream, problem, multiprocessors);
}

}  // namespace

cudaError_t RopeGemmForward(cudaStream_t stream, const __nv_bfloat16* x, const __nv_bfloat16* wqkv, __nv_bfloat16* qkv,
                            const float* cos, const float* sin, const RopeShape& shape, std::int64_t in) {
  const std::int64_t out = shape.qkv().columns();
  int multiprocessors = 0;
  const cudaError_t error = CheckExtents({shape.rows, in, out}, multiprocessors);
  if (error != cudaSuccess) return error;
  if (shape.head_size % 8 != 0 || shape.context <= 0 || shape.context * shape.head_size > INT32_MAX) {
    return cudaErrorInvalidValue;
  }
  const Arguments arguments{x, wqkv, qkv, cos, sin, shape, in, out};
  return Narrow(shape.rows, out, multiprocessors) ? Run<128>(stream, arguments, multiprocessors)
                                                  : Run<256>(stream, arguments, multiprocessors);
}

}  // namespace tbench::kernels
