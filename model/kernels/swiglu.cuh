#pragma once

#include "model/kernels/vector.cuh"

// SwiGLU (swiglu.h) of numbers, as exact as T can show. For .cu files only.
namespace tbench::kernels {

template <class T>
__device__ __forceinline__ float Sigmoid(float x) {
  if constexpr (sizeof(T) == sizeof(float)) return 1 / (1 + Exp<T>(-x));
  return __fdividef(1, 1 + Exp<T>(-x));
}

template <class T>
__device__ __forceinline__ float SwiGlu(float a, float b) {
  return a * Sigmoid<T>(a) * b;
}

// a and b become their gradients.
template <class T>
__device__ __forceinline__ void SwiGluGradients(float dh, float& a, float& b) {
  const float s = Sigmoid<T>(a), silu = a * s;
  a = dh * b * (s + silu * (1 - s));
  b = dh * silu;
}

}  // namespace tbench::kernels
