#include <cuda_bf16.h>

#include "model/kernels/rope.cuh"
#include "model/kernels/rope.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 128;

// Blocks of rows × parts of a row; a thread per vector of the first `thirds` thirds of a row. The third third, the
// values, is copied.
template <class T, bool kBack>
__global__ void RopeKernel(const T* q, const T* k, const T* v, std::int64_t row_stride, T* qkv,
                           const float* __restrict__ cos, const float* __restrict__ sin, int context, int width,
                           int head_size, int thirds) {
  const int vectors = width / kVector<T>;
  const int index = int(blockIdx.y) * kThreads + int(threadIdx.x);
  if (index >= thirds * vectors) return;
  const int third = index / vectors, column = index - third * vectors;
  const std::int64_t row = blockIdx.x;
  const T* from = (third == 0 ? q : third == 1 ? k : v) + row * row_stride;
  Vector<T> value = Load(from, column);
  if (third < 2) {
    const int pair = column * kVector<T> % head_size / 2;
    const int angle = int(blockIdx.x) % context * (head_size / 2) + pair;
    value = Rotate<T, kBack>(value, cos + angle, sin + angle);
  }
  Store(qkv + row * 3 * width, index, value);
}

template <class T, bool kBack>
cudaError_t Launch(cudaStream_t stream, const T* q, const T* k, const T* v, std::int64_t row_stride, T* qkv,
                   const float* cos, const float* sin, const RopeShape& shape, int thirds) {
  const std::int64_t width = shape.heads * shape.head_size, vectors = thirds * (width / kVector<T>);
  const dim3 blocks(unsigned(shape.rows), unsigned((vectors + kThreads - 1) / kThreads));
  RopeKernel<T, kBack><<<blocks, kThreads, 0, stream>>>(q, k, v, row_stride, qkv, cos, sin, int(shape.context),
                                                        int(width), int(shape.head_size), thirds);
  return cudaGetLastError();
}

}  // namespace

template <class T>
cudaError_t RopeForward(cudaStream_t stream, T* qkv, const float* cos, const float* sin, const RopeShape& shape) {
  const QkvLayout layout = shape.qkv();
  return Launch<T, false>(stream, qkv, qkv + layout.keys(), nullptr, layout.columns(), qkv, cos, sin, shape, 2);
}

template <class T>
cudaError_t RopeBackward(cudaStream_t stream, const T* dq, const T* dk, const T* dv, std::int64_t row_stride, T* dqkv,
                         const float* cos, const float* sin, const RopeShape& shape) {
  const bool values_in_place = dv == dqkv + shape.qkv().values();
  return Launch<T, true>(stream, dq, dk, dv, row_stride, dqkv, cos, sin, shape, values_in_place ? 2 : 3);
}

template cudaError_t RopeForward(cudaStream_t, float*, const float*, const float*, const RopeShape&);
template cudaError_t RopeForward(cudaStream_t, __nv_bfloat16*, const float*, const float*, const RopeShape&);
template cudaError_t RopeBackward(cudaStream_t, const float*, const float*, const float*, std::int64_t, float*,
                                  const float*, const float*, const RopeShape&);
template cudaError_t RopeBackward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, const __nv_bfloat16*,
                                  std::int64_t, __nv_bfloat16*, const float*, const float*, const RopeShape&);

}  // namespace tbench::kernels
