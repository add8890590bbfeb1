#pragma once

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

#include "model/spec/short_attention_shapes.h"

// Causal attention, softmax(q·kᵀ/√k)·v with RoPE of queries and keys before it (rope.h), for
// contexts so short that a thread block holds a head's keys and values: scores never leave it. BF16, computed with in
// FP32; rotated queries and keys, probabilities and the scores' gradients are rounded to BF16 for the GEMMs. Pointers
// are aligned to 16 bytes.
namespace tbench::kernels {

struct ShortAttentionShape {
  std::int64_t batch;      // B
  std::int64_t context;    // T
  std::int64_t heads;      // h
  std::int64_t head_size;  // k
};

// Whether HasShortAttention, and the current device's shared memory holds what these kernels need. False without one.
bool CanRunShortAttention(std::int64_t context, std::int64_t head_size);

// cos and sin: [T, k/2], as of rope.h. cudaErrorInvalidValue for a shape that HasShortAttention denies.

// qkv [B·T, 3·h·k], a row's queries, keys and values side by side -> out [B·T, h·k], and the scores' log-sum-exp
// [B, h, T].
cudaError_t ShortAttentionForward(cudaStream_t stream, const __nv_bfloat16* qkv, const float* cos, const float* sin,
                                  __nv_bfloat16* out, float* log_sum_exp, const ShortAttentionShape& shape);

// With what Forward was given and left, and dout [B·T, h·k]: puts the gradients of queries, keys and values in qkv's
// place.
cudaError_t ShortAttentionBackward(cudaStream_t stream, __nv_bfloat16* qkv, const __nv_bfloat16* out,
                                   const __nv_bfloat16* dout, const float* log_sum_exp, const float* cos,
                                   const float* sin, const ShortAttentionShape& shape);

}  // namespace tbench::kernels
