#pragma once

#include <cuda.h>

#include <cstdint>

#include "model/kernels/vector.cuh"

// Hopper's asynchronous machinery (PTX ISA, "Asynchronous copy", "mbarrier", "Asynchronous warpgroup level matrix
// instructions"): barriers in shared memory, tiles that the copy engine (TMA) moves, GEMMs of a warpgroup (wgmma).
// For .cu files compiled for sm_90a only. Addresses are of shared memory, as 32 bits.
namespace tbench::kernels::hopper {

constexpr int kWarpgroup = 128;  // threads
// Rows of a tile are 128 bytes, 64 BF16; a tile's 16-byte unit u of row r lies at u ^ (r mod 8) ("128B swizzle"), its
// first byte at a multiple of 1024.
constexpr int kRowBytes = 128;
constexpr int kSwizzleBytes = 8 * kRowBytes;

__device__ __forceinline__ unsigned SharedAddress(const void* pointer) {
  return unsigned(__cvta_generic_to_shared(pointer));
}

// Of each thread of this warpgroup; kMore as it asks for more than it has.
template <int kCount, bool kMore>
__device__ __forceinline__ void SetRegisters() {
  if constexpr (kMore) {
    asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kCount));
  } else {
    asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kCount));
  }
}

// Elements of a 16-byte access, in registers wherever they go.
struct Eight {
  unsigned pairs[4];
};
__device__ __forceinline__ Eight LoadShared(unsigned address) {
  Eight v;
  asm volatile("ld.shared.v4.b32 {%0, %1, %2, %3}, [%4];"
               : "=r"(v.pairs[0]), "=r"(v.pairs[1]), "=r"(v.pairs[2]), "=r"(v.pairs[3])
               : "r"(address)
               : "memory");
  return v;
}
__device__ __forceinline__ void StoreEight(__nv_bfloat16* to, const Eight& v) {
  *reinterpret_cast<uint4*>(to) = make_uint4(v.pairs[0], v.pairs[1], v.pairs[2], v.pairs[3]);
}

// The kernel's dynamic shared memory from the first address on at which tiles may begin.
__device__ __forceinline__ unsigned SwizzledMemory() {
  extern __shared__ unsigned char memory[];
  return (SharedAddress(memory) + kSwizzleBytes - 1) / kSwizzleBytes * kSwizzleBytes;
}

// --- Barriers: 8 bytes each.

__device__ __forceinline__ void InitBarrier(unsigned barrier, int arrivals) {
  asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" ::"r"(barrier), "r"(arrivals) : "memory");
}
__device__ __forceinline__ void PublishBarriers() { asm volatile("fence.mbarrier_init.release.cluster;" ::: "memory"); }

__device__ __forceinline__ void Arrive(unsigned barrier) {
  asm volatile("mbarrier.arrive.shared::cta.b64 _, [%0];" ::"r"(barrier) : "memory");
}
// Arrives, and makes the phase wait for so many bytes of copies too.
__device__ __forceinline__ void ArriveExpecting(unsigned barrier, int bytes) {
  asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" ::"r"(barrier), "r"(bytes) : "memory");
}
// At the barrier that lies there in block `rank` of the cluster.
__device__ __forceinline__ void ArriveAt(unsigned barrier, unsigned rank) {
  asm volatile(
      "{\n"
      ".reg .b32 there;\n"
      "mapa.shared::cluster.u32 there, %0, %1;\n"
      "mbarrier.arrive.shared::cluster.b64 _, [there];\n"
      "}" ::"r"(barrier),
      "r"(rank)
      : "memory");
}
// Until the phase of that parity is over.
__device__ __forceinline__ void Await(unsigned barrier, unsigned parity) {
  asm volatile(
      "{\n"
      ".reg .pred over;\n"
      "again:\n"
      "mbarrier.try_wait.parity.shared::cta.b64 over, [%0], %1;\n"
      "@!over bra again;\n"
      "}" ::"r"(barrier),
      "r"(parity)
      : "memory");
}

__device__ __forceinline__ unsigned ClusterRank() {
  unsigned rank;
  asm volatile("mov.u32 %0, %%cluster_ctarank;" : "=r"(rank));
  return rank;
}
__device__ __forceinline__ void SyncCluster() {
  asm volatile("barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;" ::: "memory");
}

// Of one warpgroup; 0 is __syncthreads' own.
__device__ __forceinline__ void SyncWarpgroup(int id) { asm volatile("bar.sync %0, 128;" ::"r"(id) : "memory"); }

// --- Copies of tiles. One thread asks for them.

struct Corner {
  int along, across, beyond;  // indices in the tensor map's dimensions, innermost first
};

__device__ __forceinline__ void PrefetchMap(const CUtensorMap& map) {
  asm volatile("prefetch.tensormap [%0];" ::"l"(&map) : "memory");
}
__device__ __forceinline__ void CopyIn(unsigned to, const CUtensorMap& map, const Corner& at, unsigned barrier) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];" ::
          "r"(to),
      "l"(&map), "r"(at.along), "r"(at.across), "r"(at.beyond), "r"(barrier)
      : "memory");
}
// To the same place in each block of the cluster that `blocks` has a bit for, and to its barrier there.
__device__ __forceinline__ void CopyInEach(unsigned to, const CUtensorMap& map, const Corner& at, unsigned barrier,
                                           unsigned blocks) {
  asm volatile(
      "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%0], [%1, {%2, "
      "%3, %4}], [%5], %6;" ::"r"(to),
      "l"(&map), "r"(at.along), "r"(at.across), "r"(at.beyond), "r"(barrier), "h"(std::uint16_t(blocks))
      : "memory");
}
__device__ __forceinline__ void CopyOut(const CUtensorMap& map, const Corner& at, unsigned from) {
  asm volatile("cp.async.bulk.tensor.3d.global.shared::cta.bulk_group [%0, {%1, %2, %3}], [%4];" ::"l"(&map),
               "r"(at.along), "r"(at.across), "r"(at.beyond), "r"(from)
               : "memory");
}
__device__ __forceinline__ void CommitCopiesOut() { asm volatile("cp.async.bulk.commit_group;" ::: "memory"); }
// Until all but the last kPending commits of this thread have read their shared memory.
template <int kPending>
__device__ __forceinline__ void AwaitCopiesOut() {
  asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(kPending) : "memory");
}
// Before a barrier, behind which the copy engine reads what this thread wrote to shared memory.
__device__ __forceinline__ void PublishToCopies() { asm volatile("fence.proxy.async.shared::cta;" ::: "memory"); }

// --- Fragments of a tile: lane 4g + t has of its warp's 16 rows g and g + 8, of 8 columns 2t and 2t + 1.

// Of 16 bytes of a row.
__device__ __forceinline__ unsigned UnitAddress(unsigned tile, int row, int unit) {
  return tile + unsigned(row * kRowBytes + (unit ^ (row % 8)) * 16);
}
// Of the 8 elements that this lane's address stands for among 16 rows from `row` on and 16 columns from 8·unit on.
__device__ __forceinline__ unsigned FragmentAddress(unsigned tile, int row, int unit) {
  const int lane = int(threadIdx.x) % kWarp;
  return UnitAddress(tile, row + lane % 16, unit + lane / 16);
}
// 16 rows by 16 columns: rows g and g + 8 of the first 8 columns, then of the next.
__device__ __forceinline__ void StoreFragments(unsigned address, const unsigned (&pairs)[4]) {
  asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1, %2, %3, %4};" ::"r"(address), "r"(pairs[0]),
               "r"(pairs[1]), "r"(pairs[2]), "r"(pairs[3])
               : "memory");
}
__device__ __forceinline__ void LoadFragments(unsigned (&pairs)[4], unsigned address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(pairs[0]), "=r"(pairs[1]), "=r"(pairs[2]), "=r"(pairs[3])
               : "r"(address)
               : "memory");
}

// --- GEMMs of a warpgroup.

// An operand in shared memory, whose rows run along K (64 of it), or along M or N (64 by 64 a tile, tiles one behind
// the other).
template <bool kAlongK>
__device__ __forceinline__ std::uint64_t Operand(unsigned address) {
  constexpr std::uint64_t kTile = kAlongK ? 16 : 64 * kRowBytes;  // along K it is not looked at
  return std::uint64_t((address & 0x3FFFFU) >> 4) | kTile >> 4 << 16 | std::uint64_t(kSwizzleBytes) >> 4 << 32 |
         std::uint64_t(1) << 62;
}
// How far a step of 16 along K is in it.
template <bool kAlongK>
constexpr unsigned kStepBytes = kAlongK ? 32 : 16 * kRowBytes;

__device__ __forceinline__ void FenceWgmma() { asm volatile("wgmma.fence.sync.aligned;" ::: "memory"); }
__device__ __forceinline__ void CommitWgmma() { asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory"); }
template <int kPending>
__device__ __forceinline__ void AwaitWgmma() {
  asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(kPending) : "memory");
}

// An accumulator of 64 rows: at[4j], at[4j + 1] of row g, columns 8j + 2t and the next; at[4j + 2], at[4j + 3] of row
// g + 8.
template <int kColumns>
struct Sums {
  float at[kColumns / 2];
};

// After AwaitWgmma: that nothing of the sums is read before.
template <int kColumns>
__device__ __forceinline__ void Hold(Sums<kColumns>& sums) {
#pragma unroll
  for (float& sum : sums.at) asm volatile("" : "+f"(sum)::"memory");
}

#define TBENCH_8(s, i)                                                                                              \
  "+f"((s)[i]), "+f"((s)[(i) + 1]), "+f"((s)[(i) + 2]), "+f"((s)[(i) + 3]), "+f"((s)[(i) + 4]), "+f"((s)[(i) + 5]), \
      "+f"((s)[(i) + 6]), "+f"((s)[(i) + 7])
#define TBENCH_32(s, i) TBENCH_8(s, i), TBENCH_8(s, (i) + 8), TBENCH_8(s, (i) + 16), TBENCH_8(s, (i) + 24)

// sums += left·right over 16 of K. Left runs along K.
template <bool kRightAlongK>
__device__ __forceinline__ void MultiplyAdd(Sums<128>& sums, std::uint64_t left, std::uint64_t right) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "
      "%24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, "
      "%46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63}, "
      "%64, %65, 1, 1, 1, 0, %66;"
      : TBENCH_32(sums.at, 0), TBENCH_32(sums.at, 32)
      : "l"(left), "l"(right), "n"(kRightAlongK ? 0 : 1));
}
template <bool kRightAlongK>
__device__ __forceinline__ void MultiplyAdd(Sums<256>& sums, std::uint64_t left, std::uint64_t right) {
  asm volatile(
      "wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 "
      "{%0, %1, %2, %3, %4, %5, %6, %7, %8, %9, %10, %11, %12, %13, %14, %15, %16, %17, %18, %19, %20, %21, %22, %23, "
      "%24, %25, %26, %27, %28, %29, %30, %31, %32, %33, %34, %35, %36, %37, %38, %39, %40, %41, %42, %43, %44, %45, "
      "%46, %47, %48, %49, %50, %51, %52, %53, %54, %55, %56, %57, %58, %59, %60, %61, %62, %63, %64, %65, %66, %67, "
      "%68, %69, %70, %71, %72, %73, %74, %75, %76, %77, %78, %79, %80, %81, %82, %83, %84, %85, %86, %87, %88, %89, "
      "%90, %91, %92, %93, %94, %95, %96, %97, %98, %99, %100, %101, %102, %103, %104, %105, %106, %107, %108, %109, "
      "%110, %111, %112, %113, %114, %115, %116, %117, %118, %119, %120, %121, %122, %123, %124, %125, %126, %127}, "
      "%128, %129, 1, 1, 1, 0, %130;"
      : TBENCH_32(sums.at, 0), TBENCH_32(sums.at, 32), TBENCH_32(sums.at, 64), TBENCH_32(sums.at, 96)
      : "l"(left), "l"(right), "n"(kRightAlongK ? 0 : 1));
}

#undef TBENCH_32
#undef TBENCH_8

}  // namespace tbench::kernels::hopper
