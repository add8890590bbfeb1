#pragma once

#include <cuda_bf16.h>

#include <cstdint>

// 16 bytes at a time, computed with in FP32. For .cu files only.
namespace tbench::kernels {

// Elements of one 16-byte access.
template <class T>
inline constexpr int kVector = 16 / int(sizeof(T));

template <class T>
struct alignas(16) Vector {
  T at[kVector<T>];
};

// `i` counts vectors. The pointer is aligned to 16 bytes.
template <class T>
__device__ __forceinline__ Vector<T> Load(const T* from, std::int64_t i) {
  return reinterpret_cast<const Vector<T>*>(from)[i];
}

template <class T>
__device__ __forceinline__ void Store(T* to, std::int64_t i, const Vector<T>& values) {
  reinterpret_cast<Vector<T>*>(to)[i] = values;
}

__device__ __forceinline__ float ToFloat(float x) { return x; }
__device__ __forceinline__ float ToFloat(__nv_bfloat16 x) { return __bfloat162float(x); }

template <class T>
__device__ __forceinline__ T FromFloat(float x);
template <>
__device__ __forceinline__ float FromFloat<float>(float x) {
  return x;
}
template <>
__device__ __forceinline__ __nv_bfloat16 FromFloat<__nv_bfloat16>(float x) {
  return __float2bfloat16_rn(x);
}

// e^x, as exact as T can show.
template <class T>
__device__ __forceinline__ float Exp(float x) {
  if constexpr (sizeof(T) == sizeof(float)) return expf(x);
  return __expf(x);
}

constexpr int kWarp = 32;

struct Sum {
  __device__ float operator()(float a, float b) const { return a + b; }
};
struct Max {
  __device__ float operator()(float a, float b) const { return fmaxf(a, b); }
};

// The reduction over a block, to all its threads. The block is whole warps, all of which call it. `shared` holds
// kWarp floats; it may be used again after the next __syncthreads.
template <class Operation>
__device__ __forceinline__ float ReduceBlock(float value, float neutral, Operation operation, float* shared) {
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value = operation(value, __shfl_xor_sync(0xffffffffU, value, offset));
  }
  const int warps = int(blockDim.x) / kWarp, lane = int(threadIdx.x) % kWarp;
  if (warps == 1) return value;
  if (lane == 0) shared[threadIdx.x / kWarp] = value;
  __syncthreads();
  value = lane < warps ? shared[lane] : neutral;
  for (int offset = kWarp / 2; offset > 0; offset /= 2) {
    value = operation(value, __shfl_xor_sync(0xffffffffU, value, offset));
  }
  return value;
}

// Threads for that many vectors: whole warps, at most `max`.
inline unsigned ThreadsFor(std::int64_t vectors, std::int64_t max = 1024) {
  const std::int64_t threads = (vectors + kWarp - 1) / kWarp * kWarp;
  return unsigned(threads < max ? threads : max);
}
// Likewise for a row of that many elements.
template <class T>
unsigned ThreadsForRow(std::int64_t width, std::int64_t max = 1024) {
  return ThreadsFor(width / kVector<T>, max);
}

}  // namespace tbench::kernels
