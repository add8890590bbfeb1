#include <cuda_bf16.h>

#include "model/kernels/swiglu.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 256;

template <class T>
__device__ __forceinline__ float Sigmoid(float x) {
  return 1 / (1 + Exp<T>(-x));
}

// A thread per vector of h.
template <class T>
__global__ void ForwardKernel(const T* __restrict__ ab, T* __restrict__ h, int vectors, std::int64_t total) {
  const std::int64_t index = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  const std::int64_t row = index / vectors;
  const Vector<T> a = Load(ab, index + row * vectors), b = Load(ab, index + (row + 1) * vectors);
  Vector<T> out;
  for (int j = 0; j < kVector<T>; ++j) {
    const float x = ToFloat(a.at[j]);
    out.at[j] = FromFloat<T>(x * Sigmoid<T>(x) * ToFloat(b.at[j]));
  }
  Store(h, index, out);
}

template <class T>
__global__ void BackwardKernel(const T* __restrict__ dh, const T* ab, T* dab, int vectors, std::int64_t total) {
  const std::int64_t index = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (index >= total) return;
  const std::int64_t row = index / vectors, at_a = index + row * vectors, at_b = at_a + vectors;
  const Vector<T> a = Load(ab, at_a), b = Load(ab, at_b), g = Load(dh, index);
  Vector<T> da, db;
  for (int j = 0; j < kVector<T>; ++j) {
    const float x = ToFloat(a.at[j]), gradient = ToFloat(g.at[j]), s = Sigmoid<T>(x), silu = x * s;
    da.at[j] = FromFloat<T>(gradient * ToFloat(b.at[j]) * (s + silu * (1 - s)));
    db.at[j] = FromFloat<T>(gradient * silu);
  }
  Store(dab, at_a, da);
  Store(dab, at_b, db);
}

}  // namespace

template <class T>
cudaError_t SwiGluForward(cudaStream_t stream, const T* ab, T* h, std::int64_t rows, std::int64_t width) {
  const std::int64_t vectors = width / kVector<T>, total = rows * vectors;
  ForwardKernel<<<unsigned((total + kThreads - 1) / kThreads), kThreads, 0, stream>>>(ab, h, int(vectors), total);
  return cudaGetLastError();
}

template <class T>
cudaError_t SwiGluBackward(cudaStream_t stream, const T* dh, const T* ab, T* dab, std::int64_t rows,
                           std::int64_t width) {
  const std::int64_t vectors = width / kVector<T>, total = rows * vectors;
  BackwardKernel<<<unsigned((total + kThreads - 1) / kThreads), kThreads, 0, stream>>>(dh, ab, dab, int(vectors),
                                                                                       total);
  return cudaGetLastError();
}

template cudaError_t SwiGluForward(cudaStream_t, const float*, float*, std::int64_t, std::int64_t);
template cudaError_t SwiGluForward(cudaStream_t, const __nv_bfloat16*, __nv_bfloat16*, std::int64_t, std::int64_t);
template cudaError_t SwiGluBackward(cudaStream_t, const float*, const float*, float*, std::int64_t, std::int64_t);
template cudaError_t SwiGluBackward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, __nv_bfloat16*,
                                    std::int64_t, std::int64_t);

}  // namespace tbench::kernels
