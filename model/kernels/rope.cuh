#pragma once

#include "model/kernels/vector.cuh"

// RoPE of one pair of a head. For .cu files only.
namespace tbench::kernels {

struct Pair {
  float even, odd;
};

// By the angle of that cosine and sine, or back.
template <bool kBack>
__device__ __forceinline__ Pair Rotate(Pair x, float cos, float sin) {
  const float s = kBack ? -sin : sin;
  return {x.even * cos - x.odd * s, x.even * s + x.odd * cos};
}

// The pairs of one vector of a head; `cos` and `sin` are those of its first pair, the others follow.
template <class T, bool kBack>
__device__ __forceinline__ Vector<T> Rotate(const Vector<T>& v, const float* cos, const float* sin) {
  Vector<T> out;
  for (int j = 0; j < kVector<T> / 2; ++j) {
    const Pair rotated = Rotate<kBack>(Pair{ToFloat(v.at[2 * j]), ToFloat(v.at[2 * j + 1])}, cos[j], sin[j]);
    out.at[2 * j] = FromFloat<T>(rotated.even);
    out.at[2 * j + 1] = FromFloat<T>(rotated.odd);
  }
  return out;
}

}  // namespace tbench::kernels
