#include <cuda_bf16.h>

#include "model/kernels/rotary_embedding.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 256;

// Turns the pairs of one vector of a head by their angles, or back.
template <class T, bool kBack>
__device__ __forceinline__ Vector<T> Turn(const Vector<T>& v, const float* cos, const float* sin) {
  Vector<T> out;
  for (int j = 0; j < kVector<T> / 2; ++j) {
    const float even = ToFloat(v.at[2 * j]), odd = ToFloat(v.at[2 * j + 1]);
    const float c = cos[j], s = kBack ? -sin[j] : sin[j];
    out.at[2 * j] = FromFloat<T>(even * c - odd * s);
    out.at[2 * j + 1] = FromFloat<T>(even * s + odd * c);
  }
  return out;
}

// A thread per vector of the first `parts` thirds of a row; the third third, the values, is copied.
template <class T, bool kBack>
__global__ void RotaryKernel(const T* q, const T* k, const T* v, std::int64_t row_stride, T* qkv,
                             const float* __restrict__ cos, const float* __restrict__ sin, int context, int width,
                             int head_size, int parts, std::int64_t total) {
  const std::int64_t index = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  const int vectors = width / kVector<T>;
  const int column = int(index % vectors);
  const std::int64_t rest = index / vectors;
  const int part = int(rest % parts);
  const std::int64_t row = rest / parts;
  const T* from = (part == 0 ? q : part == 1 ? k : v) + row * row_stride;
  Vector<T> value = Load(from, column);
  if (part < 2) {
    const int pair = column * kVector<T> % head_size / 2;
    const std::int64_t angle = row % context * (head_size / 2) + pair;
    value = Turn<T, kBack>(value, cos + angle, sin + angle);
  }
  Store(qkv + row * 3 * width + part * width, column, value);
}

template <class T, bool kBack>
cudaError_t Launch(cudaStream_t stream, const T* q, const T* k, const T* v, std::int64_t row_stride, T* qkv,
                   const float* cos, const float* sin, const RotaryShape& shape, int parts) {
  const std::int64_t width = shape.heads * shape.head_size;
  const std::int64_t total = shape.rows * parts * (width / kVector<T>);
  RotaryKernel<T, kBack><<<unsigned((total + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
      q, k, v, row_stride, qkv, cos, sin, int(shape.context), int(width), int(shape.head_size), parts, total);
  return cudaGetLastError();
}

}  // namespace

template <class T>
cudaError_t RotaryForward(cudaStream_t stream, T* qkv, const float* cos, const float* sin, const RotaryShape& shape) {
  const std::int64_t width = shape.heads * shape.head_size;
  return Launch<T, false>(stream, qkv, qkv + width, nullptr, 3 * width, qkv, cos, sin, shape, 2);
}

template <class T>
cudaError_t RotaryBackward(cudaStream_t stream, const T* dq, const T* dk, const T* dv, std::int64_t row_stride, T* dqkv,
                           const float* cos, const float* sin, const RotaryShape& shape) {
  const bool values_in_place = dv == dqkv + 2 * shape.heads * shape.head_size;
  return Launch<T, true>(stream, dq, dk, dv, row_stride, dqkv, cos, sin, shape, values_in_place ? 2 : 3);
}

template cudaError_t RotaryForward(cudaStream_t, float*, const float*, const float*, const RotaryShape&);
template cudaError_t RotaryForward(cudaStream_t, __nv_bfloat16*, const float*, const float*, const RotaryShape&);
template cudaError_t RotaryBackward(cudaStream_t, const float*, const float*, const float*, std::int64_t, float*,
                                    const float*, const float*, const RotaryShape&);
template cudaError_t RotaryBackward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, const __nv_bfloat16*,
                                    std::int64_t, __nv_bfloat16*, const float*, const float*, const RotaryShape&);

}  // namespace tbench::kernels
