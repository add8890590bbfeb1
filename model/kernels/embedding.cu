#include <cuda_bf16.h>

#include "model/kernels/embedding.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 256;

// A block per row.
template <class T>
__global__ void EmbeddingForwardKernel(const T* __restrict__ table, const std::int64_t* __restrict__ tokens,
                                       T* __restrict__ x, int width) {
  const T* from = table + tokens[blockIdx.x] * width;
  T* to = x + std::int64_t(blockIdx.x) * width;
  for (int i = int(threadIdx.x); i < width / kVector<T>; i += int(blockDim.x)) Store(to, i, Load(from, i));
}

// first[v] becomes a row with token v, next[row] another one with the row's token; −1 ends a list. `first` is −1
// before.
__global__ void EmbeddingListKernel(const std::int64_t* __restrict__ tokens, int* first, int* next, int rows) {
  const int row = int(blockIdx.x) * kThreads + int(threadIdx.x);
  if (row < rows) next[row] = atomicExch(first + tokens[row], row);
}

// A block per row of the table.
template <class T>
__global__ void EmbeddingBackwardKernel(const T* __restrict__ dx, const int* __restrict__ first,
                                        const int* __restrict__ next, T* __restrict__ dtable, int width) {
  const int head = first[blockIdx.x];
  for (int i = int(threadIdx.x); i < width / kVector<T>; i += int(blockDim.x)) {
    float sum[kVector<T>] = {};
    for (int row = head; row >= 0; row = next[row]) {
      const Vector<T> v = Load(dx + std::int64_t(row) * width, i);
      for (int j = 0; j < kVector<T>; ++j) sum[j] += ToFloat(v.at[j]);
    }
    Vector<T> out;
    for (int j = 0; j < kVector<T>; ++j) out.at[j] = FromFloat<T>(sum[j]);
    Store(dtable + std::int64_t(blockIdx.x) * width, i, out);
  }
}

}  // namespace

template <class T>
cudaError_t EmbeddingForward(cudaStream_t stream, const T* table, const std::int64_t* tokens, T* x, std::int64_t rows,
                             std::int64_t width) {
  EmbeddingForwardKernel<<<unsigned(rows), ThreadsForRow<T>(width), 0, stream>>>(table, tokens, x, int(width));
  return cudaGetLastError();
}

template <class T>
cudaError_t EmbeddingBackward(cudaStream_t stream, const T* dx, const std::int64_t* tokens, T* dtable, int* first,
                              int* next, std::int64_t rows, std::int64_t vocab, std::int64_t width) {
  const cudaError_t cleared = cudaMemsetAsync(first, 0xFF, std::size_t(vocab) * sizeof(int), stream);  // −1
  if (cleared != cudaSuccess) return cleared;
  EmbeddingListKernel<<<unsigned((rows + kThreads - 1) / kThreads), kThreads, 0, stream>>>(tokens, first, next,
                                                                                           int(rows));
  EmbeddingBackwardKernel<<<unsigned(vocab), ThreadsForRow<T>(width), 0, stream>>>(dx, first, next, dtable, int(width));
  return cudaGetLastError();
}

template cudaError_t EmbeddingForward(cudaStream_t, const float*, const std::int64_t*, float*, std::int64_t,
                                      std::int64_t);
template cudaError_t EmbeddingForward(cudaStream_t, const __nv_bfloat16*, const std::int64_t*, __nv_bfloat16*,
                                      std::int64_t, std::int64_t);
template cudaError_t EmbeddingBackward(cudaStream_t, const float*, const std::int64_t*, float*, int*, int*,
                                       std::int64_t, std::int64_t, std::int64_t);
template cudaError_t EmbeddingBackward(cudaStream_t, const __nv_bfloat16*, const std::int64_t*, __nv_bfloat16*, int*,
                                       int*, std::int64_t, std::int64_t, std::int64_t);

}  // namespace tbench::kernels
