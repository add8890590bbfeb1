#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// RMSNorm (Zhang & Sennrich 2019): y = x·rsqrt(mean(x²) + ε)·w, ε = 1e-5, computed in FP32 and rounded once.
// T is float or __nv_bfloat16. Rows are contiguous; pointers are aligned to 16 bytes and `width` is a multiple of 8,
// for the backward pass at most kRmsNormMaxWidth (else cudaErrorInvalidValue).
namespace tbench::kernels {

inline constexpr std::int64_t kRmsNormMaxWidth = 8192;
inline constexpr std::int64_t kRmsNormMaxNorms = 65'535;  // of a launch's grid

// x, y [rows, width], weight [width]; scale [rows] receives rsqrt(mean(x²) + ε) for the backward pass.
template <class T>
cudaError_t RmsNormForward(cudaStream_t stream, const T* x, const T* weight, T* y, float* scale, std::int64_t rows,
                           std::int64_t width);

// A matrix [rows, width] as the sum of `count` of them, FP32 and one behind the other: the results of a split-K GEMM.
struct SplitKPartials {
  const float* data;
  std::int64_t count;
};

// The residual stream and its norm at once: x = residual + Σ partials, rounded to T; then as RmsNormForward.
template <class T>
cudaError_t ResidualRmsNormForward(cudaStream_t stream, SplitKPartials partials, const T* residual, const T* weight,
                                   T* x, T* y, float* scale, std::int64_t rows, std::int64_t width);

// How many rows of partial weight gradients RmsNormBackward had best write for so many rows on the current GPU.
cudaError_t RmsNormPartialRows(std::int64_t rows, std::int64_t& partial_rows);

// With g = dy⊙w and x̂ = x·scale: dx = residual + scale·(g − x̂·mean(g⊙x̂)); a null residual is 0. `dx` may be `x`: its
// rows are read before they are written. partial_dw [partial_rows, width], of any number of rows from 1 on, receives
// sums of dy⊙x̂ over some rows each; their sum is dw.
template <class T>
cudaError_t RmsNormBackward(cudaStream_t stream, const T* dy, const T* x, const T* weight, const float* scale,
                            const T* residual, T* dx, float* partial_dw, std::int64_t partial_rows, std::int64_t rows,
                            std::int64_t width);

// The same where dy is a sum of partials.
template <class T>
cudaError_t RmsNormBackward(cudaStream_t stream, SplitKPartials dy, const T* x, const T* weight, const float* scale,
                            const T* residual, T* dx, float* partial_dw, std::int64_t partial_rows, std::int64_t rows,
                            std::int64_t width);

// dw [norms, width] from partial_dw [norms, partial_rows, width]; at most kRmsNormMaxNorms, else cudaErrorInvalidValue.
template <class T>
cudaError_t RmsNormWeightGradients(cudaStream_t stream, const float* partial_dw, T* dw, std::int64_t norms,
                                   std::int64_t partial_rows, std::int64_t width);

}  // namespace tbench::kernels
