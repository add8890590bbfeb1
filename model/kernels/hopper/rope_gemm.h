#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "model/kernels/rope.h"

namespace tbench::kernels {

// The GEMM of queries, keys and values with RoPE (rope.h) in its epilogue, BF16, summed in FP32, on Hopper
// (hopper_support.h): x [rows, in], wqkv [3·h·k, in] -> x·wqkvᵀ [rows, 3·h·k], rounded, and of that queries
// and keys rotated and rounded again. Pointers are aligned to 16 bytes; `in` and the head size are multiples of 8;
// cudaErrorInvalidValue for other sizes, an error of CUDA's on other GPUs.
cudaError_t RopeGemmForward(cudaStream_t stream, const __nv_bfloat16* x, const __nv_bfloat16* wqkv, __nv_bfloat16* qkv,
                            const float* cos, const float* sin, const RopeShape& shape, std::int64_t in);

}  // namespace tbench::kernels
