#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// The three GEMMs of a linear layer with weight W [out, in], accurate to FP32, on tensor cores: every FP32 number is
// split into two of TF32, a = a_hi + a_lo, and a·b is a_hi·b_lo + a_lo·b_hi + a_hi·b_hi (Ootomo & Yokota 2022,
// "Recovering single precision accuracy from Tensor Cores while surpassing the FP32 theoretical peak performance"). The
// error in norm is within twice that of an FP32 GEMM, or within 2⁻²² where fewer than some 50 terms are summed. An
// infinity in the input becomes NaN.
//
// Matrices are row-major and contiguous, aligned to 16 bytes. `in` and `out` are multiples of 8, `rows` is any positive
// number; each is below 2³¹. Anything else is cudaErrorInvalidValue.
namespace tbench::kernels {

// Scratch memory for any GEMM on the current GPU. Its first Fp32x3CounterBytes() are 0 before and after a GEMM; two
// GEMMs that may run at the same time need one each.
std::int64_t Fp32x3WorkspaceBytes();
std::int64_t Fp32x3CounterBytes();

// y [rows, out] = x [rows, in]·Wᵀ + residual [rows, out]. `residual` may be null, or `y` itself.
cudaError_t Fp32x3Forward(cudaStream_t stream, const float* x, const float* weight, const float* residual, float* y,
                          void* workspace, std::int64_t rows, std::int64_t in, std::int64_t out);

// dx [rows, in] = dy [rows, out]·W.
cudaError_t Fp32x3InputGradient(cudaStream_t stream, const float* dy, const float* weight, float* dx, void* workspace,
                                std::int64_t rows, std::int64_t in, std::int64_t out);

// dW [out, in] = dyᵀ·x, the sum over rows.
cudaError_t Fp32x3WeightGradient(cudaStream_t stream, const float* dy, const float* x, float* dw, void* workspace,
                                 std::int64_t rows, std::int64_t in, std::int64_t out);

}  // namespace tbench::kernels
