#include <cuda_bf16.h>
#include <math_constants.h>

#include "model/kernels/causal_softmax.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kMaxThreads = 256;  // of a row

// A block per row of all matrices. Reads only what the row's query sees, so far as whole vectors allow.
template <class T>
__global__ void CausalSoftmaxForwardKernel(T* __restrict__ scores, float scale, int context) {
  __shared__ float shared[2][kWarp];
  T* row = scores + std::int64_t(blockIdx.x) * context;
  const int last = int(blockIdx.x % unsigned(context)), seen = last / kVector<T> + 1;
  float largest = -CUDART_INF_F;
  for (int i = int(threadIdx.x); i < seen; i += int(blockDim.x)) {
    const Vector<T> v = Load(row, i);
    for (int j = 0; j < kVector<T>; ++j) {
      if (i * kVector<T> + j <= last) largest = fmaxf(largest, scale * ToFloat(v.at[j]));
    }
  }
  largest = ReduceBlock(largest, -CUDART_INF_F, Max(), shared[0]);
  float sum = 0;
  for (int i = int(threadIdx.x); i < seen; i += int(blockDim.x)) {
    const Vector<T> v = Load(row, i);
    for (int j = 0; j < kVector<T>; ++j) {
      if (i * kVector<T> + j <= last) sum += Exp<T>(scale * ToFloat(v.at[j]) - largest);
    }
  }
  const float share = 1 / ReduceBlock(sum, 0, Sum(), shared[1]);
  for (int i = int(threadIdx.x); i < context / kVector<T>; i += int(blockDim.x)) {
    Vector<T> v{};
    if (i < seen) v = Load(row, i);
    for (int j = 0; j < kVector<T>; ++j) {
      const float p = i * kVector<T> + j <= last ? Exp<T>(scale * ToFloat(v.at[j]) - largest) * share : 0.F;
      v.at[j] = FromFloat<T>(p);
    }
    Store(row, i, v);
  }
}

template <class T>
__global__ void CausalSoftmaxBackwardKernel(T* __restrict__ gradients, const T* __restrict__ probabilities, float scale,
                                            int context) {
  __shared__ float shared[kWarp];
  T* row = gradients + std::int64_t(blockIdx.x) * context;
  const T* p_row = probabilities + std::int64_t(blockIdx.x) * context;
  const int last = int(blockIdx.x % unsigned(context)), seen = last / kVector<T> + 1;
  float dot = 0;  // probabilities beyond the diagonal are 0, the gradients there may be anything
  for (int i = int(threadIdx.x); i < seen; i += int(blockDim.x)) {
    const Vector<T> g = Load(row, i), p = Load(p_row, i);
    for (int j = 0; j < kVector<T>; ++j) {
      if (i * kVector<T> + j <= last) dot += ToFloat(g.at[j]) * ToFloat(p.at[j]);
    }
  }
  dot = ReduceBlock(dot, 0, Sum(), shared);
  for (int i = int(threadIdx.x); i < context / kVector<T>; i += int(blockDim.x)) {
    Vector<T> out{};
    if (i < seen) {
      const Vector<T> g = Load(row, i), p = Load(p_row, i);
      for (int j = 0; j < kVector<T>; ++j) {
        const bool is_seen = i * kVector<T> + j <= last;
        out.at[j] = FromFloat<T>(is_seen ? scale * ToFloat(p.at[j]) * (ToFloat(g.at[j]) - dot) : 0.F);
      }
    }
    Store(row, i, out);
  }
}

}  // namespace

template <class T>
cudaError_t CausalSoftmaxForward(cudaStream_t stream, T* scores, float scale, std::int64_t matrices,
                                 std::int64_t context) {
  CausalSoftmaxForwardKernel<<<unsigned(matrices * context), ThreadsForRow<T>(context, kMaxThreads), 0, stream>>>(
      scores, scale, int(context));
  return cudaGetLastError();
}

template <class T>
cudaError_t CausalSoftmaxBackward(cudaStream_t stream, T* gradients, const T* probabilities, float scale,
                                  std::int64_t matrices, std::int64_t context) {
  CausalSoftmaxBackwardKernel<<<unsigned(matrices * context), ThreadsForRow<T>(context, kMaxThreads), 0, stream>>>(
      gradients, probabilities, scale, int(context));
  return cudaGetLastError();
}

template cudaError_t CausalSoftmaxForward(cudaStream_t, float*, float, std::int64_t, std::int64_t);
template cudaError_t CausalSoftmaxForward(cudaStream_t, __nv_bfloat16*, float, std::int64_t, std::int64_t);
template cudaError_t CausalSoftmaxBackward(cudaStream_t, float*, const float*, float, std::int64_t, std::int64_t);
template cudaError_t CausalSoftmaxBackward(cudaStream_t, __nv_bfloat16*, const __nv_bfloat16*, float, std::int64_t,
                                           std::int64_t);

}  // namespace tbench::kernels
