#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// SwiGLU (Shazeer 2020): h = silu(a)⊙b with silu(a) = a/(1 + e^−a), in FP32, rounded once. T is float or __nv_bfloat16.
// ab [rows, 2·width]: a row's a (of w1), then its b (of w3). Pointers are aligned to 16 bytes, `width` is a multiple
// of 8, and at most kSwiGluMaxWidth (else cudaErrorInvalidValue).
namespace tbench::kernels {

// The widest: what a launch's grid has of blocks, with 128 threads of four elements each.
inline constexpr std::int64_t kSwiGluMaxWidth = std::int64_t(65'535) * 128 * 4;

// h [rows, width].
template <class T>
cudaError_t SwiGluForward(cudaStream_t stream, const T* ab, T* h, std::int64_t rows, std::int64_t width);

// dh [rows, width] -> dab [rows, 2·width]; `dab` may be `ab`.
template <class T>
cudaError_t SwiGluBackward(cudaStream_t stream, const T* dh, const T* ab, T* dab, std::int64_t rows,
                           std::int64_t width);

}  // namespace tbench::kernels
