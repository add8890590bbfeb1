#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

// The GEMMs before SwiGLU (swiglu.h) with it in their epilogues, BF16, summed in FP32, on Hopper (hopper_support.h): h
// and dh do not pass through memory on their way. Pointers are aligned to 16 bytes; `in` (the model's width) and
// `width` (SwiGLU's) are multiples of 8. cudaErrorInvalidValue for other sizes, an error of CUDA's on other GPUs.
namespace tbench::kernels {

// x [rows, in], w13 [2·width, in] -> ab = x·w13ᵀ [rows, 2·width], rounded, and of that h = silu(a)⊙b [rows, width].
cudaError_t SwiGluGemmForward(cudaStream_t stream, const __nv_bfloat16* x, const __nv_bfloat16* w13, __nv_bfloat16* ab,
                              __nv_bfloat16* h, std::int64_t rows, std::int64_t in, std::int64_t width);

// dy [rows, in], w2 [in, width], ab [rows, 2·width]: with dh = dy·w2, in FP32, the gradient of ab, rounded, takes its
// place.
cudaError_t SwiGluGemmBackward(cudaStream_t stream, const __nv_bfloat16* dy, const __nv_bfloat16* w2, __nv_bfloat16* ab,
                               std::int64_t rows, std::int64_t in, std::int64_t width);

}  // namespace tbench::kernels
