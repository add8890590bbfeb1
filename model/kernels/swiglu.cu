#include <cuda_bf16.h>

#include "model/kernels/swiglu.cuh"
#include "model/kernels/swiglu.h"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 128;

// Blocks of rows × parts of a row; a thread per vector of h.
template <class T>
__global__ void SwiGluForwardKernel(const T* __restrict__ ab, T* __restrict__ h, int vectors) {
  const int column = int(blockIdx.y) * kThreads + int(threadIdx.x);
  if (column >= vectors) return;
  const std::int64_t row = blockIdx.x, at_a = 2 * row * vectors + column;
  const Vector<T> a = Load(ab, at_a), b = Load(ab, at_a + vectors);
  Vector<T> out;
  for (int j = 0; j < kVector<T>; ++j) {
    out.at[j] = FromFloat<T>(SwiGlu<T>(ToFloat(a.at[j]), ToFloat(b.at[j])));
  }
  Store(h, row * vectors + column, out);
}

template <class T>
__global__ void SwiGluBackwardKernel(const T* __restrict__ dh, const T* ab, T* dab, int vectors) {
  const int column = int(blockIdx.y) * kThreads + int(threadIdx.x);
  if (column >= vectors) return;
  const std::int64_t row = blockIdx.x, at_a = 2 * row * vectors + column, at_b = at_a + vectors;
  const Vector<T> a = Load(ab, at_a), b = Load(ab, at_b), g = Load(dh, row * vectors + column);
  Vector<T> da, db;
  for (int j = 0; j < kVector<T>; ++j) {
    float x = ToFloat(a.at[j]), y = ToFloat(b.at[j]);
    SwiGluGradients<T>(ToFloat(g.at[j]), x, y);
    da.at[j] = FromFloat<T>(x);
    db.at[j] = FromFloat<T>(y);
  }
  Store(dab, at_a, da);
  Store(dab, at_b, db);
}

dim3 Blocks(std::int64_t rows, std::int64_t vectors) {
  return {unsigned(rows), unsigned((vectors + kThreads - 1) / kThreads)};
}

}  // namespace

template <class T>
cudaError_t SwiGluForward(cudaStream_t stream, const T* ab, T* h, std::int64_t rows, std::int64_t width) {
  if (width > kSwiGluMaxWidth) return cudaErrorInvalidValue;
  const std::int64_t vectors = width / kVector<T>;
  SwiGluForwardKernel<<<Blocks(rows, vectors), kThreads, 0, stream>>>(ab, h, int(vectors));
  return cudaGetLastError();
}

template <class T>
cudaError_t SwiGluBackward(cudaStream_t stream, const T* dh, const T* ab, T* dab, std::int64_t rows,
                           std::int64_t width) {
  if (width > kSwiGluMaxWidth) return cudaErrorInvalidValue;
  const std::int64_t vectors = width / kVector<T>;
  SwiGluBackwardKernel<<<Blocks(rows, vectors), kThreads, 0, stream>>>(dh, ab, dab, int(vectors));
  return cudaGetLastError();
}

template cudaError_t SwiGluForward(cudaStream_t, const float*, float*, std::int64_t, std::int64_t);
template cudaError_t SwiGluForward(cudaStream_t, const __nv_bfloat16*, __nv_bfloat16*, std::int64_t, std::int64_t);
template cudaError_t SwiGluBackward(cudaStream_t, const float*, const float*, float*, std::int64_t, std::int64_t);
template cudaError_t SwiGluBackward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, __nv_bfloat16*,
                                    std::int64_t, std::int64_t);

}  // namespace tbench::kernels
