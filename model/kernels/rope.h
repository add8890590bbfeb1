#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "model/spec/qkv_layout.h"

// RoPE, rotary embedding (Su et al. 2021), of queries and keys at once: adjacent elements (2j, 2j+1) of a head are
// rotated by the angle whose cosine and sine are cos[t, j] and sin[t, j], in FP32. T is float or __nv_bfloat16.
// Pointers are aligned to 16 bytes; head sizes and strides are multiples of 8.
namespace tbench::kernels {

struct RopeShape {
  std::int64_t rows;       // batch·context; row r is at position r mod context
  std::int64_t context;    // T
  std::int64_t heads;      // h
  std::int64_t head_size;  // k

  constexpr QkvLayout qkv() const { return {heads, head_size}; }
};

// qkv [rows, shape.qkv().columns()]: rotates queries and keys where they are.
template <class T>
cudaError_t RopeForward(cudaStream_t stream, T* qkv, const float* cos, const float* sin, const RopeShape& shape);

// Rotates back the gradients of queries and keys, and puts them beside those of the values: dq, dk, dv
// [rows, h·k] with `row_stride` elements from row to row -> dqkv, as qkv. They may be the thirds of dqkv
// themselves.
template <class T>
cudaError_t RopeBackward(cudaStream_t stream, const T* dq, const T* dk, const T* dv, std::int64_t row_stride, T* dqkv,
                         const float* cos, const float* sin, const RopeShape& shape);

}  // namespace tbench::kernels
