#include <cuda_bf16.h>
#include <math_constants.h>

#include "model/kernels/cross_entropy.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kMaxThreads = 512;  // of a row

// A block per row. The last block to finish adds up the rows' losses, always in the same order.
template <class T>
__global__ void CrossEntropyForwardKernel(const T* __restrict__ logits, const std::int64_t* __restrict__ targets,
                                          float* row_loss, float* __restrict__ log_sum_exp, float* __restrict__ loss,
                                          unsigned* done, int vocab) {
  __shared__ float shared[2][kWarp];
  const T* row = logits + std::int64_t(blockIdx.x) * vocab;
  const int vectors = vocab / kVector<T>;
  float largest = -CUDART_INF_F, sum = 0;  // of this thread: the sum is of e^(logit − largest)
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    const Vector<T> v = Load(row, i);
    float top = largest;
    for (int j = 0; j < kVector<T>; ++j) top = fmaxf(top, ToFloat(v.at[j]));
    sum *= Exp<T>(largest - top);
    for (int j = 0; j < kVector<T>; ++j) sum += Exp<T>(ToFloat(v.at[j]) - top);
    largest = top;
  }
  const float row_largest = ReduceBlock(largest, -CUDART_INF_F, Max(), shared[0]);
  // A thread without elements has −∞, and nothing to add.
  const float row_sum = ReduceBlock(sum == 0 ? 0 : sum * Exp<T>(largest - row_largest), 0, Sum(), shared[1]);
  __shared__ bool is_last;
  if (threadIdx.x == 0) {
    const float log_sum = row_largest + logf(row_sum);
    log_sum_exp[blockIdx.x] = log_sum;
    row_loss[blockIdx.x] = log_sum - ToFloat(row[targets[blockIdx.x]]);
    __threadfence();
    is_last = atomicAdd(done, 1U) == gridDim.x - 1;
  }
  __syncthreads();
  if (!is_last) return;
  __threadfence();
  float total = 0;
  for (int i = int(threadIdx.x); i < int(gridDim.x); i += int(blockDim.x)) total += __ldcg(row_loss + i);
  total = ReduceBlock(total, 0, Sum(), shared[0]);
  if (threadIdx.x == 0) {
    *loss = total / float(gridDim.x);
    *done = 0;
  }
}

// A block per row.
template <class T>
__global__ void CrossEntropyBackwardKernel(T* __restrict__ logits, const std::int64_t* __restrict__ targets,
                                           const float* __restrict__ log_sum_exp, int vocab) {
  T* row = logits + std::int64_t(blockIdx.x) * vocab;
  const float log_sum = log_sum_exp[blockIdx.x], share = 1 / float(gridDim.x);
  const int target = int(targets[blockIdx.x]);
  for (int i = int(threadIdx.x); i < vocab / kVector<T>; i += int(blockDim.x)) {
    Vector<T> v = Load(row, i);
    for (int j = 0; j < kVector<T>; ++j) {
      const float probability = Exp<T>(ToFloat(v.at[j]) - log_sum);
      v.at[j] = FromFloat<T>((probability - (i * kVector<T> + j == target ? 1.F : 0.F)) * share);
    }
    Store(row, i, v);
  }
}

}  // namespace

template <class T>
cudaError_t CrossEntropyForward(cudaStream_t stream, const T* logits, const std::int64_t* targets, float* row_loss,
                                float* log_sum_exp, float* loss, unsigned* done, std::int64_t rows,
                                std::int64_t vocab) {
  CrossEntropyForwardKernel<<<unsigned(rows), ThreadsForRow<T>(vocab, kMaxThreads), 0, stream>>>(
      logits, targets, row_loss, log_sum_exp, loss, done, int(vocab));
  return cudaGetLastError();
}

template <class T>
cudaError_t CrossEntropyBackward(cudaStream_t stream, T* logits, const std::int64_t* targets, const float* log_sum_exp,
                                 std::int64_t rows, std::int64_t vocab) {
  CrossEntropyBackwardKernel<<<unsigned(rows), ThreadsForRow<T>(vocab, kMaxThreads), 0, stream>>>(
      logits, targets, log_sum_exp, int(vocab));
  return cudaGetLastError();
}

template cudaError_t CrossEntropyForward(cudaStream_t, const float*, const std::int64_t*, float*, float*, float*,
                                         unsigned*, std::int64_t, std::int64_t);
template cudaError_t CrossEntropyForward(cudaStream_t, const __nv_bfloat16*, const std::int64_t*, float*, float*,
                                         float*, unsigned*, std::int64_t, std::int64_t);
template cudaError_t CrossEntropyBackward(cudaStream_t, float*, const std::int64_t*, const float*, std::int64_t,
                                          std::int64_t);
template cudaError_t CrossEntropyBackward(cudaStream_t, __nv_bfloat16*, const std::int64_t*, const float*, std::int64_t,
                                          std::int64_t);

}  // namespace tbench::kernels
