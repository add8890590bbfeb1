#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// The mean cross-entropy over rows of logits, in FP32. T is float or __nv_bfloat16. logits [rows, vocab], contiguous,
// aligned to 16 bytes, `vocab` a multiple of 8; targets [rows], each in [0, vocab).
namespace tbench::kernels {

// row_loss [rows] = log Σ e^logit − logit of the target; log_sum_exp [rows] is kept for the backward pass; loss [1] is
// the mean. `done` [1] is 0 before and after.
template <class T>
cudaError_t CrossEntropyForward(cudaStream_t stream, const T* logits, const std::int64_t* targets, float* row_loss,
                                float* log_sum_exp, float* loss, unsigned* done, std::int64_t rows, std::int64_t vocab);

// logits become their gradient: (softmax − one-hot)/rows.
template <class T>
cudaError_t CrossEntropyBackward(cudaStream_t stream, T* logits, const std::int64_t* targets, const float* log_sum_exp,
                                 std::int64_t rows, std::int64_t vocab);

}  // namespace tbench::kernels
