#pragma once

#include <cuda_bf16.h>

#include "model/kernels/vector.cuh"

// A warp's BF16 products on tensor cores, 16×16 elements of an operand at a time, by PTX's mma.m16n8k16 (PTX ISA, "Warp
// level matrix instructions"). Lane l has of a result's 16×8 elements those of rows l/4 and l/4 + 8, columns 2(l mod 4)
// and the next: at[0], at[1] and at[2], at[3]. For .cu files only.
namespace tbench::kernels {

constexpr int kTile = 16;

struct Tile {
  unsigned part[4];  // two elements each
};

struct TileSum {  // 16×16, FP32: its left and its right half
  float at[2][4];
};

__device__ __forceinline__ int LaneRow() { return int(threadIdx.x) % kWarp / 4; }
__device__ __forceinline__ int LaneColumn() { return int(threadIdx.x) % 4 * 2; }

// Four 8×8 matrices of the 16×16 elements at `corner`, in shared memory with `stride` elements from row to row.
template <bool kTransposed, bool kRightFirst>
__device__ __forceinline__ Tile LoadMatrices(const __nv_bfloat16* corner, int stride) {
  const int lane = int(threadIdx.x) % kWarp, matrix = lane / 8;
  const int down = kRightFirst ? matrix / 2 : matrix % 2, right = kRightFirst ? matrix % 2 : matrix / 2;
  const auto address = unsigned(__cvta_generic_to_shared(corner + (8 * down + lane % 8) * stride + 8 * right));
  Tile t;
  if constexpr (kTransposed) {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(t.part[0]), "=r"(t.part[1]), "=r"(t.part[2]), "=r"(t.part[3])
                 : "r"(address)
                 : "memory");
  } else {
    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
                 : "=r"(t.part[0]), "=r"(t.part[1]), "=r"(t.part[2]), "=r"(t.part[3])
                 : "r"(address)
                 : "memory");
  }
  return t;
}

// The left operand [m, k] from memory that holds it, or that holds its transpose [k, m].
__device__ __forceinline__ Tile LoadLeft(const __nv_bfloat16* m_by_k, int stride) {
  return LoadMatrices<false, false>(m_by_k, stride);
}
__device__ __forceinline__ Tile LoadLeftTransposed(const __nv_bfloat16* k_by_m, int stride) {
  return LoadMatrices<true, true>(k_by_m, stride);
}
// The right operand [k, n], likewise.
__device__ __forceinline__ Tile LoadRight(const __nv_bfloat16* k_by_n, int stride) {
  return LoadMatrices<true, false>(k_by_n, stride);
}
__device__ __forceinline__ Tile LoadRightTransposed(const __nv_bfloat16* n_by_k, int stride) {
  return LoadMatrices<false, true>(n_by_k, stride);
}

__device__ __forceinline__ unsigned PackPair(float first, float second) {
  const __nv_bfloat162 pair = __floats2bfloat162_rn(first, second);
  return reinterpret_cast<const unsigned&>(pair);
}

__device__ __forceinline__ float2 UnpackPair(unsigned pair) {
  return {__uint_as_float(pair << 16), __uint_as_float(pair & 0xFFFF0000U)};
}

// A result, rounded, as a left operand.
__device__ __forceinline__ Tile AsLeft(const TileSum& s) {
  return {{PackPair(s.at[0][0], s.at[0][1]), PackPair(s.at[0][2], s.at[0][3]), PackPair(s.at[1][0], s.at[1][1]),
           PackPair(s.at[1][2], s.at[1][3])}};
}

// sum += left·right
__device__ __forceinline__ void MultiplyAdd(TileSum& sum, const Tile& left, const Tile& right) {
  for (int half = 0; half < 2; ++half) {
    float(&s)[4] = sum.at[half];
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};"
        : "+f"(s[0]), "+f"(s[1]), "+f"(s[2]), "+f"(s[3])
        : "r"(left.part[0]), "r"(left.part[1]), "r"(left.part[2]), "r"(left.part[3]), "r"(right.part[2 * half]),
          "r"(right.part[2 * half + 1]));
  }
}

}  // namespace tbench::kernels
