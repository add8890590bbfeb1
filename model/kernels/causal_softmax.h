#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// Softmax over the keys that a query may see, in FP32. T is float or __nv_bfloat16. Matrices are [matrices, T, T],
// contiguous, aligned to 16 bytes, with `context` T a multiple of 8; row i of a matrix sees columns ≤ i.
namespace tbench::kernels {

// scores become probabilities softmax(scale·scores), 0 beyond the diagonal.
template <class T>
cudaError_t CausalSoftmaxForward(cudaStream_t stream, T* scores, float scale, std::int64_t matrices,
                                 std::int64_t context);

// Gradients of the probabilities become those of the scores: scale·p⊙(dp − Σ dp⊙p), 0 beyond the diagonal.
template <class T>
cudaError_t CausalSoftmaxBackward(cudaStream_t stream, T* gradients, const T* probabilities, float scale,
                                  std::int64_t matrices, std::int64_t context);

}  // namespace tbench::kernels
