#include <algorithm>
#include <cstdint>

#include "model/kernels/device_attribute.h"
#include "model/kernels/fp32x3_gemm.h"
#include "model/kernels/vector.cuh"

// C [M, N] = A·B. A block has a tile of C, each of its warps 64 × 32 of that; the sum over K runs in slices of 32 that
// cp.async brings into shared memory, some ahead.
//
// Fragments of mma.m16n8k8: lane 4g + t has of A the rows g and g + 8, of B the column g, of both the columns and rows
// t and t + 4 of K, and of C the rows g and g + 8 by the columns 2t and 2t + 1. Which row of the tile is "row g" is
// ours to choose, if the output knows it: within 32 rows of A (or columns of B), index g of the j-th group of eight is
// 4g + j. So an operand whose rows lie along M or N is read 16 bytes at a time as well.
namespace tbench::kernels {
namespace {

constexpr int kSliceK = 32;
constexpr int kStages = 3;
constexpr int kWarpM = 64, kWarpN = 32;
// Steps of mma (8 of K each) that the tensor cores add up by themselves. They round toward zero, which does not average
// out; the sums of two steps are added in FP32, rounded to nearest.
constexpr int kChainedSteps = 2;
constexpr int kChains = kSliceK / (8 * kChainedSteps);
constexpr int kFloatsPerCopy = 4;

enum class Layout { kAlongK, kAcrossK };  // what is contiguous: K, or M (of A) or N (of B)

struct Matrix {
  const float* data;
  std::int64_t stride;  // between rows in memory
};

struct Problem {
  Matrix a, b;
  const float* addend;  // [M, N] or null
  float* c;
  int m, n, k;
};

// How tiles, counted along bands of rows, are shared among the blocks: first whole tiles, block by block, then the rest
// as equal shares of all their slices ("Stream-K", Osama et al. 2023). Of a tile in several shares, each block leaves
// its partial sums in the workspace, and the last to come adds them up.
struct Schedule {
  int tiles_m, tiles_n, slices;
  int whole_rounds;    // a block's whole tiles
  int shared;          // slices that are shared: those of the tiles from whole_rounds·blocks on
  unsigned* arrivals;  // [blocks], by the block that has the tile's first slice
  float* partials;     // [blocks][2], a tile each

  __device__ int ShareBegin(int block, int blocks) const {
    const int remainder = shared % blocks;
    return block * (shared / blocks) + min(block, remainder);
  }
  __device__ int OwnerOf(int slice, int blocks) const {
    const int share = shared / blocks, remainder = shared % blocks, longer = remainder * (share + 1);
    return slice < longer ? slice / (share + 1) : remainder + (slice - longer) / share;
  }
};

__device__ __forceinline__ void CopyAsync(unsigned to, const float* from, bool inside) {
  // Outside, nothing is read, and zeros are written.
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(to), "l"(from), "r"(inside ? 16 : 0) : "memory");
}

template <int kPending>
__device__ __forceinline__ void AwaitCopies() {
  asm volatile("cp.async.wait_group %0;" ::"n"(kPending) : "memory");
}

__device__ __forceinline__ void LoadMatrices(float (&to)[4], unsigned from) {
  unsigned r[4];
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(from));
  for (int i = 0; i < 4; ++i) to[i] = __uint_as_float(r[i]);
}

__device__ __forceinline__ void LoadFloats(float (&to)[4], unsigned from) {
  asm volatile("ld.shared.v4.f32 {%0, %1, %2, %3}, [%4];"
               : "=f"(to[0]), "=f"(to[1]), "=f"(to[2]), "=f"(to[3])
               : "r"(from));
}

struct Split {
  unsigned high, low;
};

// The high part rounds to nearest; cvt.rna would take two instructions more, for infinities. The low part is left to
// mma, which ignores its last 13 bits.
__device__ __forceinline__ Split SplitTf32(float x) {
  constexpr unsigned kIgnored = (1U << 13) - 1;
  const unsigned high = (__float_as_uint(x) + (kIgnored + 1) / 2) & ~kIgnored;
  return {high, __float_as_uint(x - __uint_as_float(high))};
}

__device__ __forceinline__ void Multiply(float (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2],
                                         const float (&c)[4]) {
  asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
      "{%10, %11, %12, %13};"
      : "=f"(d[0]), "=f"(d[1]), "=f"(d[2]), "=f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]), "f"(c[0]), "f"(c[1]), "f"(c[2]), "f"(c[3]));
}

// A slice of one operand in shared memory: [kSpan][32] along K, [32][kSpan] across it. Within a row, units of 16 bytes
// are exchanged so that neither copies nor fragment loads meet in a bank: unit u of row r is at u ^ (r / 4 % 8), or
// across K at u ^ 2·(r % 4).
template <Layout kLayout, int kSpan, int kThreads>
class Slice {
 public:
  static constexpr int kBytes = kSpan * kSliceK * 4;

  // `origin` is the tile's first index along M or N, `extent` the operand's; slices begin at index `k` of K's
  // `k_extent`.
  __device__ Slice(const Matrix& matrix, int origin, int extent, int k, int k_extent)
      : pass_stride_(kRowStep * matrix.stride) {
    const int along = Unit() * kFloatsPerCopy, k_along = k + along, origin_along = origin + along;
    if (kLayout == Layout::kAlongK) {
      from_ = matrix.data + (origin + Row()) * matrix.stride + k_along;
      inside_ = extent - origin - Row();
      left_k_ = k_extent - k_along;
    } else {
      from_ = matrix.data + (k + Row()) * matrix.stride + origin_along;
      inside_ = extent - origin_along;
      left_k_ = k_extent - k - Row();
    }
  }

  // Copies the next slice to shared memory.
  __device__ void CopyNext(unsigned to) {
    const float* from = from_;
#pragma unroll
    for (int i = 0; i < kPasses; ++i, from += pass_stride_) {
      const int row = Row() + i * kRowStep;
      const bool inside =
          kLayout == Layout::kAlongK ? i * kRowStep < inside_ && left_k_ > 0 : inside_ > 0 && i * kRowStep < left_k_;
      CopyAsync(to + unsigned(row * kRowBytes + (Unit() ^ Exchange(row)) * 16), from, inside);
    }
    from_ = kLayout == Layout::kAlongK ? from_ + kSliceK : from;
    left_k_ -= kSliceK;
  }

  // This lane's place in the 32 indices from `first` on, for LoadA and LoadB.
  __device__ static unsigned LaneOfA(int first) {
    return kLayout == Layout::kAlongK ? LaneAlongK(first, Lane() / 8 % 2, Lane() / 16) : LaneAcrossK(first);
  }
  __device__ static unsigned LaneOfB(int first) {
    return kLayout == Layout::kAlongK ? LaneAlongK(first, Lane() / 16, Lane() / 8 % 2) : LaneAcrossK(first);
  }

  // Fragments of a step for rows 32·strip … of A: two of 16 rows.
  __device__ static void LoadA(float (&to)[2][4], unsigned slice_and_lane, int strip, int step) {
    if (kLayout == Layout::kAlongK) {
      const unsigned from = (slice_and_lane ^ unsigned(step * 32)) + unsigned(strip * 32 * kRowBytes);
      for (int i = 0; i < 2; ++i) LoadMatrices(to[i], from + unsigned(2 * i * kRowBytes));
    } else {
      for (int half = 0; half < 2; ++half) {
        float at[4];
        LoadFloats(at, slice_and_lane + unsigned((8 * step + 4 * half) * kRowBytes + strip * 128));
        for (int j = 0; j < 4; ++j) to[j / 2][j % 2 + 2 * half] = at[j];
      }
    }
  }

  // Fragments of a step for 32 columns of B: four of 8 columns.
  __device__ static void LoadB(float (&to)[4][2], unsigned slice_and_lane, int step) {
    for (int i = 0; i < 2; ++i) {
      float at[4];
      if (kLayout == Layout::kAlongK) {
        LoadMatrices(at, (slice_and_lane ^ unsigned(step * 32)) + unsigned(2 * i * kRowBytes));
        for (int j = 0; j < 4; ++j) to[2 * i + j / 2][j % 2] = at[j];
      } else {
        LoadFloats(at, slice_and_lane + unsigned((8 * step + 4 * i) * kRowBytes));
        for (int j = 0; j < 4; ++j) to[j][i] = at[j];
      }
    }
  }

 private:
  static constexpr int kRowBytes = (kLayout == Layout::kAlongK ? kSliceK : kSpan) * 4;
  static constexpr int kUnits = kRowBytes / 16;
  static constexpr int kRowStep = kThreads / kUnits;
  static constexpr int kPasses = (kLayout == Layout::kAlongK ? kSpan : kSliceK) / kRowStep;

  __device__ static int Lane() { return int(threadIdx.x) % kWarp; }
  __device__ static int Row() { return int(threadIdx.x) / kUnits; }
  __device__ static int Unit() { return int(threadIdx.x) % kUnits; }
  __device__ static int Exchange(int row) { return kLayout == Layout::kAlongK ? row / 4 % 8 : 2 * (row % 4); }

  // ldmatrix takes from lane 8q + g the address of row g of the q-th 8 × 4 floats: here group `group`, K's half `half`.
  __device__ static unsigned LaneAlongK(int first, int group, int half) {
    const int g = Lane() % 8;
    return unsigned((first + 4 * g + group) * kRowBytes + (half ^ g) * 16);
  }
  __device__ static unsigned LaneAcrossK(int first) {
    const int g = Lane() / 4, t = Lane() % 4;
    return unsigned(t * kRowBytes + ((first / kFloatsPerCopy + g) ^ (2 * t)) * 16);
  }

  std::int64_t pass_stride_;
  const float* from_;
  int inside_, left_k_;
};

// A warp's 64 × 32 of the tile: two strips of 32 rows, two fragments each, by four fragments of 8 columns.
using Totals = float[2][2][4][4];

// One strip and one chain: a's two fragments by b's four, all small products before any large one, since what the
// tensor cores cut off grows with the sum.
__device__ __forceinline__ void MultiplyChain(float (&sums)[4][4], const unsigned (&high_a)[kChainedSteps][4],
                                              const unsigned (&low_a)[kChainedSteps][4],
                                              const unsigned (&high_b)[kChainedSteps][4][2],
                                              const unsigned (&low_b)[kChainedSteps][4][2]) {
#pragma unroll
  for (int step = 0; step < kChainedSteps; ++step) {
#pragma unroll
    for (int j = 0; j < 4; ++j) {
      const float zero[4] = {};
      if (step == 0) {
        Multiply(sums[j], low_a[step], high_b[step][j], zero);
      } else {
        Multiply(sums[j], low_a[step], high_b[step][j], sums[j]);
      }
    }
#pragma unroll
    for (int j = 0; j < 4; ++j) Multiply(sums[j], high_a[step], low_b[step][j], sums[j]);
  }
#pragma unroll
  for (int step = 0; step < kChainedSteps; ++step) {
#pragma unroll
    for (int j = 0; j < 4; ++j) Multiply(sums[j], high_a[step], high_b[step][j], sums[j]);
  }
}

__device__ __forceinline__ void AddTo(float (&totals)[4][4], const float (&sums)[4][4]) {
#pragma unroll
  for (int j = 0; j < 4; ++j) {
#pragma unroll
    for (int i = 0; i < 4; ++i) totals[j][i] += sums[j][i];
  }
}

// Adds `slices` slices to `totals`.
template <class SliceA, class SliceB>
__device__ __forceinline__ void MultiplySlices(Totals& totals, SliceA a, SliceB b, unsigned memory, unsigned lane_a,
                                               unsigned lane_b, int slices) {
  constexpr unsigned kStageBytes = SliceA::kBytes + SliceB::kBytes;
  int copied = 0;
  unsigned copy_to = memory;
  const auto copy_next = [&] {
    if (copied < slices) {
      a.CopyNext(copy_to);
      b.CopyNext(copy_to + SliceA::kBytes);
    }
    asm volatile("cp.async.commit_group;" ::: "memory");
    ++copied;
    copy_to = copy_to == memory + (kStages - 1) * kStageBytes ? memory : copy_to + kStageBytes;
  };
  const auto await_slice = [] {
    AwaitCopies<kStages - 2>();
    __syncthreads();
  };
  float raw_a[kChainedSteps][2][4], raw_b[kChainedSteps][4][2];
  const auto load_a = [&](unsigned stage, int chain, int strip) {
#pragma unroll
    for (int step = 0; step < kChainedSteps; ++step) {
      SliceA::LoadA(raw_a[step], stage + lane_a, strip, chain * kChainedSteps + step);
    }
  };
  const auto load_b = [&](unsigned stage, int chain) {
#pragma unroll
    for (int step = 0; step < kChainedSteps; ++step) {
      SliceB::LoadB(raw_b[step], stage + unsigned(SliceA::kBytes) + lane_b, chain * kChainedSteps + step);
    }
  };

  for (int i = 0; i < kStages - 1; ++i) copy_next();
  await_slice();
  unsigned stage = memory;
  load_a(stage, 0, 0);
  load_b(stage, 0);
  // Sums are added a fragment late, when the tensor cores are on to the next.
  float late[4][4] = {};
  for (int slice = 0; slice < slices; ++slice) {
    copy_next();
    const unsigned next_stage = stage == memory + (kStages - 1) * kStageBytes ? memory : stage + kStageBytes;
#pragma unroll
    for (int chain = 0; chain < kChains; ++chain) {
      unsigned high_b[kChainedSteps][4][2], low_b[kChainedSteps][4][2];
#pragma unroll
      for (int i = 0; i < kChainedSteps * 8; ++i) {
        const Split s = SplitTf32(raw_b[i / 8][i / 2 % 4][i % 2]);
        high_b[i / 8][i / 2 % 4][i % 2] = s.high;
        low_b[i / 8][i / 2 % 4][i % 2] = s.low;
      }
#pragma unroll
      for (int strip = 0; strip < 2; ++strip) {
        unsigned high_a[2][kChainedSteps][4], low_a[2][kChainedSteps][4];
#pragma unroll
        for (int i = 0; i < kChainedSteps * 8; ++i) {
          const Split s = SplitTf32(raw_a[i / 8][i / 4 % 2][i % 4]);
          high_a[i / 4 % 2][i / 8][i % 4] = s.high;
          low_a[i / 4 % 2][i / 8][i % 4] = s.low;
        }
        // What comes next is read while this is multiplied.
        if (strip == 0) {
          load_a(stage, chain, 1);
        } else if (chain + 1 < kChains) {
          load_a(stage, chain + 1, 0);
          load_b(stage, chain + 1);
        } else {
          await_slice();
          load_a(next_stage, 0, 0);
          load_b(next_stage, 0);
        }
        float sums[4][4];
        MultiplyChain(sums, high_a[0], low_a[0], high_b, low_b);
        AddTo(totals[1 - strip][1], late);
        MultiplyChain(late, high_a[1], low_a[1], high_b, low_b);
        AddTo(totals[strip][0], sums);
      }
    }
    stage = next_stage;
  }
  AddTo(totals[1][1], late);
  AwaitCopies<0>();
  __syncthreads();  // the next tile's copies overwrite what others may still read
}

// Calls at(row, column, values) for the pairs of 4 neighbours that this lane has, with the row and the column in the
// warp's part of the tile.
template <class At>
__device__ __forceinline__ void ForEachVector(Totals& totals, At at) {
  const int g = int(threadIdx.x) % kWarp / 4, t = int(threadIdx.x) % 4;
#pragma unroll
  for (int strip = 0; strip < 2; ++strip) {
#pragma unroll
    for (int fragment = 0; fragment < 2; ++fragment) {
#pragma unroll
      for (int i = 0; i < 4; ++i) {
        Vector<float> v;
        for (int j = 0; j < 4; ++j) v.at[j] = totals[strip][fragment][j][i];
        at(32 * strip + 4 * g + 2 * fragment + i / 2, 8 * t + 4 * (i % 2), v);
        for (int j = 0; j < 4; ++j) totals[strip][fragment][j][i] = v.at[j];
      }
    }
  }
}

template <Layout kLayoutA, Layout kLayoutB, int kWarpsM, int kWarpsN, int kBlocksPerMultiprocessor>
__global__ void __launch_bounds__(kWarpsM* kWarpsN* kWarp, kBlocksPerMultiprocessor)
    Fp32x3GemmKernel(const Problem problem, const Schedule schedule) {
  constexpr int kThreads = kWarpsM * kWarpsN * kWarp;
  constexpr int kTileM = kWarpsM * kWarpM, kTileN = kWarpsN * kWarpN;
  using SliceA = Slice<kLayoutA, kTileM, kThreads>;
  using SliceB = Slice<kLayoutB, kTileN, kThreads>;
  extern __shared__ __align__(128) float shared[];
  __shared__ bool last;

  const int warp = int(threadIdx.x) / kWarp, first_m = warp / kWarpsN * kWarpM, first_n = warp % kWarpsN * kWarpN;
  const auto memory = unsigned(__cvta_generic_to_shared(shared));
  const unsigned lane_a = SliceA::LaneOfA(first_m), lane_b = SliceB::LaneOfB(first_n);
  const int blocks = int(gridDim.x), block = int(blockIdx.x), slices = schedule.slices;
  const int whole = schedule.whole_rounds * slices, share_begin = schedule.ShareBegin(block, blocks);
  const int end = whole + schedule.ShareBegin(block + 1, blocks) - share_begin;

  for (int at = 0; at < end;) {
    const int position = at < whole ? at : share_begin + at - whole;  // in the whole tiles, or in what is shared
    const int tile =
        at < whole ? position / slices * blocks + block : position / slices + schedule.whole_rounds * blocks;
    const int slice = position % slices, count = min(slices - slice, end - at);
    at += count;
    if (tile >= schedule.tiles_m * schedule.tiles_n) continue;

    // Bands of rows: tiles that are computed together share their operands in the L2 cache.
    constexpr int kBand = 1024 / kTileM;
    const int band = tile / (kBand * schedule.tiles_n) * kBand, in_band = tile % (kBand * schedule.tiles_n);
    const int band_rows = min(kBand, schedule.tiles_m - band);
    const int tile_m = (band + in_band % band_rows) * kTileM, tile_n = in_band / band_rows * kTileN;

    Totals totals = {};
    MultiplySlices(totals, SliceA(problem.a, tile_m, problem.m, slice * kSliceK, problem.k),
                   SliceB(problem.b, tile_n, problem.n, slice * kSliceK, problem.k), memory, lane_a, lane_b, count);

    if (count < slices) {
      const int tile_begin = position - slice;
      const int first = schedule.OwnerOf(tile_begin, blocks);
      const int contributors = schedule.OwnerOf(tile_begin + slices - 1, blocks) - first + 1;
      // A block has at most one partial with the first slice of a tile, and one without.
      const auto partial_of = [&](int contributor) {
        const int which = 2 * (first + contributor) + (contributor == 0 ? 1 : 0);
        return schedule.partials + std::int64_t(which) * kTileM * kTileN + std::int64_t(threadIdx.x) * 4;
      };
      float* mine = partial_of(block - first);
      int i = 0;
      ForEachVector(totals, [&](int, int, const Vector<float>& v) { Store(mine, i++ * kThreads, v); });
      __threadfence();
      __syncthreads();
      if (threadIdx.x == 0) {
        // Wraps to 0 with the last.
        last = atomicInc(schedule.arrivals + first, unsigned(contributors - 1)) == unsigned(contributors - 1);
      }
      __syncthreads();
      if (!last) continue;
      __threadfence();
      for (int contributor = 0; contributor < contributors; ++contributor) {
        const float* partial = partial_of(contributor);
        i = 0;
        ForEachVector(totals, [&](int, int, Vector<float>& v) {
          const float4 p = __ldcg(reinterpret_cast<const float4*>(partial) + i++ * kThreads);
          const float values[4] = {p.x, p.y, p.z, p.w};
          for (int j = 0; j < 4; ++j) v.at[j] = (contributor == 0 ? 0 : v.at[j]) + values[j];
        });
      }
    }

    ForEachVector(totals, [&](int row, int column, Vector<float>& v) {
      row += tile_m + first_m;
      column += tile_n + first_n;
      if (row >= problem.m || column >= problem.n) return;
      const std::int64_t index = std::int64_t(row) * problem.n + column;
      if (problem.addend != nullptr) {
        const Vector<float> addend = Load(problem.addend + index, 0);
        for (int j = 0; j < 4; ++j) v.at[j] += addend.at[j];
      }
      Store(problem.c + index, 0, v);
    });
  }
}

// Blocks that a multiprocessor holds of the small tile.
constexpr int kSmallBlocks = 4;
constexpr int kLargeM = 2, kLargeN = 4, kSmallM = 1, kSmallN = 2;  // warps

std::int64_t CounterBytes(int multiprocessors) {
  return std::int64_t(multiprocessors) * kSmallBlocks * std::int64_t(sizeof(unsigned));
}

std::int64_t TilesOf(std::int64_t extent, int tile) { return (extent + tile - 1) / tile; }

template <Layout kLayoutA, Layout kLayoutB, int kWarpsM, int kWarpsN, int kBlocksPerMultiprocessor>
cudaError_t Launch(cudaStream_t stream, const Problem& problem, void* workspace, int multiprocessors, int blocks) {
  constexpr int kThreads = kWarpsM * kWarpsN * kWarp;
  constexpr int kTileM = kWarpsM * kWarpM, kTileN = kWarpsN * kWarpN;
  constexpr int kMemory = kStages * (kTileM + kTileN) * kSliceK * 4;
  Schedule schedule;
  schedule.tiles_m = int(TilesOf(problem.m, kTileM));
  schedule.tiles_n = int(TilesOf(problem.n, kTileN));
  schedule.slices = int(TilesOf(problem.k, kSliceK));
  const std::int64_t tiles = std::int64_t(schedule.tiles_m) * schedule.tiles_n;
  if (tiles * schedule.slices > INT32_MAX) return cudaErrorInvalidValue;
  // The remainder of the last round is shared together with the round before, or partials would be many and small. A
  // round that is nearly full is left as it is.
  const std::int64_t remainder = tiles % blocks;
  if (remainder == 0 || remainder * 10 >= std::int64_t(blocks) * 9) {
    schedule.whole_rounds = int((tiles + blocks - 1) / blocks);
    schedule.shared = 0;
  } else {
    schedule.whole_rounds = int(std::max<std::int64_t>(tiles / blocks - 1, 0));
    schedule.shared = int(tiles - std::int64_t(schedule.whole_rounds) * blocks) * schedule.slices;
  }
  schedule.arrivals = static_cast<unsigned*>(workspace);
  schedule.partials = reinterpret_cast<float*>(static_cast<char*>(workspace) + CounterBytes(multiprocessors));
  const auto kernel = Fp32x3GemmKernel<kLayoutA, kLayoutB, kWarpsM, kWarpsN, kBlocksPerMultiprocessor>;
  const cudaError_t error = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, kMemory);
  if (error != cudaSuccess) return error;
  kernel<<<unsigned(blocks), kThreads, kMemory, stream>>>(problem, schedule);
  return cudaGetLastError();
}

template <Layout kLayoutA, Layout kLayoutB>
cudaError_t RunGemm(cudaStream_t stream, const Problem& problem, void* workspace) {
  int multiprocessors = 0;
  const cudaError_t error = Multiprocessors(multiprocessors);
  if (error != cudaSuccess) return error;
  const std::int64_t slices = TilesOf(problem.k, kSliceK);
  const std::int64_t large = TilesOf(problem.m, kLargeM * kWarpM) * TilesOf(problem.n, kLargeN * kWarpN);
  if (2 * large >= multiprocessors) {
    return Launch<kLayoutA, kLayoutB, kLargeM, kLargeN, 1>(stream, problem, workspace, multiprocessors,
                                                           multiprocessors);
  }
  // As many blocks as leave each about eight slices: a partial costs about as much as some slices.
  const std::int64_t work = slices * TilesOf(problem.m, kSmallM * kWarpM) * TilesOf(problem.n, kSmallN * kWarpN);
  const std::int64_t per_multiprocessor = std::clamp<std::int64_t>(work / (8 * multiprocessors), 1, kSmallBlocks);
  return Launch<kLayoutA, kLayoutB, kSmallM, kSmallN, kSmallBlocks>(
      stream, problem, workspace, multiprocessors, int(std::min(work, per_multiprocessor * multiprocessors)));
}

bool Valid(std::int64_t rows, std::int64_t in, std::int64_t out) {
  const auto fits = [](std::int64_t extent) { return extent > 0 && extent <= INT32_MAX - 128; };
  return fits(rows) && fits(in) && fits(out) && in % 8 == 0 && out % 8 == 0;
}

}  // namespace

std::int64_t Fp32x3CounterBytes() {
  int multiprocessors = 0;
  return Multiprocessors(multiprocessors) == cudaSuccess ? CounterBytes(multiprocessors) : 0;
}

std::int64_t Fp32x3WorkspaceBytes() {
  int multiprocessors = 0;
  if (Multiprocessors(multiprocessors) != cudaSuccess) return 0;
  constexpr std::int64_t kWarps = std::max(kLargeM * kLargeN, kSmallBlocks * kSmallM * kSmallN);
  constexpr std::int64_t kPartials = 2 * kWarps * kWarpM * kWarpN * std::int64_t(sizeof(float));
  return CounterBytes(multiprocessors) + multiprocessors * kPartials;
}

cudaError_t Fp32x3Forward(cudaStream_t stream, const float* x, const float* weight, const float* residual, float* y,
                          void* workspace, std::int64_t rows, std::int64_t in, std::int64_t out) {
  if (!Valid(rows, in, out)) return cudaErrorInvalidValue;
  return RunGemm<Layout::kAlongK, Layout::kAlongK>(
      stream, {{x, in}, {weight, in}, residual, y, int(rows), int(out), int(in)}, workspace);
}

cudaError_t Fp32x3InputGradient(cudaStream_t stream, const float* dy, const float* weight, float* dx, void* workspace,
                                std::int64_t rows, std::int64_t in, std::int64_t out) {
  if (!Valid(rows, in, out)) return cudaErrorInvalidValue;
  return RunGemm<Layout::kAlongK, Layout::kAcrossK>(
      stream, {{dy, out}, {weight, in}, nullptr, dx, int(rows), int(in), int(out)}, workspace);
}

cudaError_t Fp32x3WeightGradient(cudaStream_t stream, const float* dy, const float* x, float* dw, void* workspace,
                                 std::int64_t rows, std::int64_t in, std::int64_t out) {
  if (!Valid(rows, in, out)) return cudaErrorInvalidValue;
  return RunGemm<Layout::kAcrossK, Layout::kAcrossK>(
      stream, {{dy, out}, {x, in}, nullptr, dw, int(out), int(in), int(rows)}, workspace);
}

}  // namespace tbench::kernels
