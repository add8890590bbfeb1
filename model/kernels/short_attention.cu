#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>

#include "model/kernels/device_attribute.h"
#include "model/kernels/rope.cuh"
#include "model/kernels/short_attention.h"
#include "model/kernels/tensor_core.cuh"
#include "model/kernels/vector.cuh"

// Warps have 16 queries or 16 keys each. Rows beyond the context are 0: no query sees their keys, and their own results
// are not stored. A head has one or two halves of 128 rows.
namespace tbench::kernels {
namespace {

using Element = __nv_bfloat16;

constexpr int kRows = 128;  // of a half
constexpr int kTiles = kRows / kTile;
constexpr int kHalfThreads = kTiles * kWarp;
constexpr int kPadding = 8;  // elements: the 8 rows of a matrix that is loaded at once lie in different banks
constexpr float kLog2E = 1.4426950408889634F;

template <int kHeadSize>
using HeadRow = Element[kHeadSize + kPadding];

// Where a lane's elements of a 16×16 result are.
__device__ __forceinline__ int RowOf(int tile, int i) { return tile * kTile + LaneRow() + (i < 2 ? 0 : 8); }
__device__ __forceinline__ int ColumnOf(int tile, int half, int i) {
  return tile * kTile + 8 * half + LaneColumn() + i % 2;
}

// One head of one sequence in memory, [T, k] with a stride from row to row.
template <class T>
struct Head {
  T* at;
  int stride;
  __device__ T* row(int i) const { return at + std::int64_t(i) * stride; }
};

// That of the block in rows of `thirds` times all heads.
template <int kHeadSize, class T>
__device__ __forceinline__ Head<T> HeadOfBlock(T* rows, int context, int thirds, int third) {
  const int width = int(gridDim.x) * kHeadSize;
  return {rows + std::int64_t(blockIdx.y) * context * thirds * width + third * width + int(blockIdx.x) * kHeadSize,
          thirds * width};
}

__device__ __forceinline__ std::int64_t LogSumExpOffset(int context) {
  return (std::int64_t(blockIdx.y) * gridDim.x + blockIdx.x) * context;
}

// How kThreads threads share the vectors of [kCount, kHeadSize].
template <int kHeadSize, int kCount, int kThreads>
struct Share {
  static constexpr int kRowVectors = kHeadSize / kVector<Element>;
  static constexpr int kVectors = kCount * kRowVectors / kThreads;
  __device__ static int Row(int i) { return (i * kThreads + int(threadIdx.x)) / kRowVectors; }
  __device__ static int Column(int i) { return (i * kThreads + int(threadIdx.x)) % kRowVectors; }

  // Starts to copy rows from `first` on; those from `context` on become 0.
  template <class T>
  __device__ static void StartCopy(HeadRow<kHeadSize>* to, const Head<T>& from, int first, int context) {
#pragma unroll
    for (int i = 0; i < kVectors; ++i) {
      const int row = first + Row(i);
      const auto address = unsigned(__cvta_generic_to_shared(&to[Row(i)][Column(i) * kVector<Element>]));
      const T* const source = from.row(min(row, context - 1)) + Column(i) * kVector<Element>;
      asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;"
                   :
                   : "r"(address), "l"(source), "r"(row < context ? 16 : 0)
                   : "memory");
    }
  }

  struct Angles {
    Vector<float> cos[kVectors], sin[kVectors];  // a vector of a head has four pairs
  };
  __device__ static Angles LoadAngles(const float* cos, const float* sin, int first, int context) {
    Angles angles;
#pragma unroll
    for (int i = 0; i < kVectors; ++i) {
      const int index = min(first + Row(i), context - 1) * kRowVectors + Column(i);
      angles.cos[i] = Load(cos, index);
      angles.sin[i] = Load(sin, index);
    }
    return angles;
  }

  // What this thread has copied, once it is there.
  __device__ static void Copied(Vector<Element> (&values)[kVectors], const HeadRow<kHeadSize>* rows) {
#pragma unroll
    for (int i = 0; i < kVectors; ++i) values[i] = Load(&rows[Row(i)][0], Column(i));
  }
  __device__ static void TurnRows(HeadRow<kHeadSize>* rows, const Angles& angles) {
    Vector<Element> values[kVectors];
    Copied(values, rows);
#pragma unroll
    for (int i = 0; i < kVectors; ++i) {
      Store(&rows[Row(i)][0], Column(i), Rotate<Element, false>(values[i], angles.cos[i].at, angles.sin[i].at));
    }
  }
};

__device__ __forceinline__ void WaitForCopies() {
  asm volatile("cp.async.commit_group;" ::: "memory");
  asm volatile("cp.async.wait_group 0;" ::: "memory");
}

// The angles of a lane's pairs in 16 rows of a head.
template <int kHeadSize>
struct RowAngles {
  static constexpr int kColumns = kHeadSize / kTile;
  float cos[kColumns][2][2], sin[kColumns][2][2];

  __device__ void Load(const float* all_cos, const float* all_sin, int tile, int context) {
#pragma unroll
    for (int c = 0; c < kColumns; ++c) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
#pragma unroll
        for (int row = 0; row < 2; ++row) {
          const int index = min(RowOf(tile, 2 * row), context - 1) * (kHeadSize / 2) + ColumnOf(c, half, 0) / 2;
          cos[c][half][row] = all_cos[index];
          sin[c][half][row] = all_sin[index];
        }
      }
    }
  }
};

// The sums of a warp's GEMMs: 16 rows of a head.
template <int kHeadSize>
struct RowSums {
  static constexpr int kColumns = kHeadSize / kTile;
  TileSum at[kColumns];

  // += left·rows, [16, k] of shared memory from that tile on.
  __device__ void MultiplyAdd(const Tile& left, const HeadRow<kHeadSize>* rows, int tile) {
#pragma unroll
    for (int c = 0; c < kColumns; ++c) {
      kernels::MultiplyAdd(at[c], left, LoadRight(&rows[tile * kTile][c * kTile], kHeadSize + kPadding));
    }
  }

  __device__ void Scale(float upper_rows, float lower_rows) {
#pragma unroll
    for (TileSum& column : at) {
      for (float(&values)[4] : column.at) {
        for (int i = 0; i < 4; ++i) values[i] *= i < 2 ? upper_rows : lower_rows;
      }
    }
  }

  __device__ void TurnBack(const RowAngles<kHeadSize>& angles) {
#pragma unroll
    for (int c = 0; c < kColumns; ++c) {
#pragma unroll
      for (int half = 0; half < 2; ++half) {
#pragma unroll
        for (int row = 0; row < 2; ++row) {
          float& even = at[c].at[half][2 * row];
          float& odd = at[c].at[half][2 * row + 1];
          const Pair rotated = Rotate<true>(Pair{even, odd}, angles.cos[c][half][row], angles.sin[c][half][row]);
          even = rotated.even;
          odd = rotated.odd;
        }
      }
    }
  }

  // Rounded, by way of `rows`, 16 rows of shared memory that no other warp reads any more, to the rows of `to` from
  // `first` on.
  __device__ void Store(HeadRow<kHeadSize>* rows, const Head<Element>& to, int first, int context) const {
    constexpr int kRowVectors = kHeadSize / kVector<Element>;
    __syncwarp();
#pragma unroll
    for (int c = 0; c < kColumns; ++c) {
      for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < 4; i += 2) {
          const unsigned pair = PackPair(at[c].at[half][i], at[c].at[half][i + 1]);
          *reinterpret_cast<unsigned*>(&rows[RowOf(0, i)][ColumnOf(c, half, 0)]) = pair;
        }
      }
    }
    __syncwarp();
#pragma unroll
    for (int i = 0; i < kTile * kRowVectors / kWarp; ++i) {
      const int index = i * kWarp + int(threadIdx.x) % kWarp;
      const int row = index / kRowVectors, column = index % kRowVectors;
      if (first + row < context) kernels::Store(to.row(first + row), column, Load(rows[row], column));
    }
  }
};

// 16 rows of a head as left operands.
template <int kHeadSize>
struct LeftRows {
  static constexpr int kColumns = kHeadSize / kTile;
  Tile at[kColumns];

  __device__ void Load(const HeadRow<kHeadSize>* rows) {
#pragma unroll
    for (int c = 0; c < kColumns; ++c) at[c] = LoadLeft(&rows[0][c * kTile], kHeadSize + kPadding);
  }

  // Times 16 other rows, transposed.
  __device__ TileSum Multiply(const HeadRow<kHeadSize>* rows) const {
    TileSum sum{};
#pragma unroll
    for (int c = 0; c < kColumns; ++c) {
      MultiplyAdd(sum, at[c], LoadRightTransposed(&rows[0][c * kTile], kHeadSize + kPadding));
    }
    return sum;
  }
};

// Over the four lanes that have a row's columns.
template <class Operation>
__device__ __forceinline__ float ReduceRow(float value, Operation operation) {
  value = operation(value, __shfl_xor_sync(0xffffffffU, value, 1));
  return operation(value, __shfl_xor_sync(0xffffffffU, value, 2));
}

// Forward: a block has half of the queries of a head of a sequence, so that a GPU's multiprocessors have work in a
// small model too.
template <int kHalves>
constexpr int kQueries = kRows / 2 * kHalves;
template <int kHalves>
constexpr int kForwardThreads = kHalfThreads / 2 * kHalves;

template <int kHeadSize, int kHalves>
struct alignas(16) ForwardMemory {
  HeadRow<kHeadSize> q[kQueries<kHalves>], k[kHalves * kRows], v[kHalves * kRows];
};

// The warp's queries, `tile` of the head's, with kChunk tiles of keys at a time.
template <int kChunk, int kHeadSize, int kHalves>
__device__ __forceinline__ void Attend(ForwardMemory<kHeadSize, kHalves>& shared, int tile, const Head<Element>& out,
                                       float* log_sum_exp, int context, float scale) {
  auto* const queries = &shared.q[tile * kTile % kQueries<kHalves>];
  LeftRows<kHeadSize> q;
  q.Load(queries);
  float largest[2] = {-INFINITY, -INFINITY}, sum[2] = {0, 0};
  RowSums<kHeadSize> result{};
#pragma unroll 1
  for (int first = 0; first <= tile; first += kChunk) {
    TileSum scores[kChunk];
    const float before[2] = {largest[0], largest[1]};
#pragma unroll
    for (int keys = 0; keys < kChunk; ++keys) {
      scores[keys] = q.Multiply(&shared.k[(first + keys) * kTile]);
      for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < 4; ++i) {
          float& score = scores[keys].at[half][i];
          if (ColumnOf(first + keys, half, i) > RowOf(tile, i)) score = -INFINITY;
          largest[i / 2] = fmaxf(largest[i / 2], score);
        }
      }
    }
    float correction[2];  // of what was summed up under the largest score before
    for (int row = 0; row < 2; ++row) {
      largest[row] = ReduceRow(largest[row], Max());
      correction[row] = exp2f((before[row] - largest[row]) * (scale * kLog2E));
      sum[row] *= correction[row];
    }
    result.Scale(correction[0], correction[1]);
#pragma unroll
    for (int keys = 0; keys < kChunk; ++keys) {
      for (int half = 0; half < 2; ++half) {
        for (int i = 0; i < 4; ++i) {
          float& p = scores[keys].at[half][i];
          p = exp2f((p - largest[i / 2]) * (scale * kLog2E));
          sum[i / 2] += p;
        }
      }
      result.MultiplyAdd(AsLeft(scores[keys]), shared.v, first + keys);
    }
  }
  for (float& row : sum) row = ReduceRow(row, Sum());
  result.Scale(1 / sum[0], 1 / sum[1]);
  result.Store(queries, out, tile * kTile, context);
  if (LaneColumn() != 0) return;
  for (int i = 0; i < 4; i += 2) {
    if (RowOf(tile, i) < context) log_sum_exp[RowOf(tile, i)] = largest[i / 2] * scale + logf(sum[i / 2]);
  }
}

template <int kHeadSize, int kHalves>
__global__ void __launch_bounds__(kForwardThreads<kHalves>, kHalves)
    ShortAttentionForwardKernel(const Element* __restrict__ qkv, const float* __restrict__ cos,
                                const float* __restrict__ sin, Element* __restrict__ out,
                                float* __restrict__ log_sum_exp, int context, float scale) {
  extern __shared__ __align__(16) unsigned char memory[];
  auto& shared = *reinterpret_cast<ForwardMemory<kHeadSize, kHalves>*>(memory);
  const int first = (int(gridDim.z) - 1 - int(blockIdx.z)) * kQueries<kHalves>;  // the longer half first
  const int keys = min(context, first + kQueries<kHalves>);

  using OfQueries = Share<kHeadSize, kQueries<kHalves>, kForwardThreads<kHalves>>;
  using OfKeys = Share<kHeadSize, kRows, kForwardThreads<kHalves>>;
  OfQueries::StartCopy(shared.q, HeadOfBlock<kHeadSize>(qkv, context, 3, 0), first, context);
  for (int half = 0; half < keys; half += kRows) {
    OfKeys::StartCopy(shared.k + half, HeadOfBlock<kHeadSize>(qkv, context, 3, 1), half, keys);
    OfKeys::StartCopy(shared.v + half, HeadOfBlock<kHeadSize>(qkv, context, 3, 2), half, keys);
  }
  const auto query_angles = OfQueries::LoadAngles(cos, sin, first, context);
  auto key_angles = OfKeys::LoadAngles(cos, sin, 0, keys);
  WaitForCopies();
  OfQueries::TurnRows(shared.q, query_angles);
  OfKeys::TurnRows(shared.k, key_angles);
  if (kHalves > 1 && keys > kRows) {
    key_angles = OfKeys::LoadAngles(cos, sin, kRows, keys);
    OfKeys::TurnRows(shared.k + kRows, key_angles);
  }
  __syncthreads();

  const int tile = first / kTile + int(threadIdx.x) / kWarp;
  if (tile * kTile >= context) return;
  const auto to = HeadOfBlock<kHeadSize>(out, context, 1, 0);
  float* const head_sums = log_sum_exp + LogSumExpOffset(context);
  if (kHalves > 1 || tile < kTiles / 2) {
    Attend<kTiles / 2>(shared, tile, to, head_sums, context, scale);
  } else {
    Attend<kTiles>(shared, tile, to, head_sums, context, scale);
  }
}

// Backward: a block has a head of a sequence.
constexpr int kBackwardThreads = kHalfThreads;

template <int kHeadSize, int kHalves>
struct alignas(16) BackwardMemory {
  static constexpr int kAll = kHalves * kRows;
  HeadRow<kHeadSize> q[kAll], k[kAll], v[kAll], dout[kAll];
  union {
    HeadRow<kRows> dscores[kRows];                        // half of the keys by half of the queries
    float row_parts[kAll][kHeadSize / kVector<Element>];  // of out·dout, before that
  };
  float log_sum_exp[kAll], row_sums[kAll];  // the former to base 2
};

// The warps of a multiprocessor's quarter, w and w + 4, get tiles whose numbers add up to 7: by causality the work
// depends on the tile.
__device__ __forceinline__ int TileOfWarp() {
  const int warp = int(threadIdx.x) / kWarp;
  return warp < kTiles / 2 ? warp : kTiles / 2 + kTiles - 1 - warp;
}

// What a block reads of its head, from memory: its queries, keys and values.
struct HeadInputs {
  Head<Element> q, k, v;
  Head<const Element> out, dout;
  const float* log_sum_exp;
  const float *cos, *sin;
  int context;
};

// Puts all of it where the block computes, queries and keys rotated, and sums up out·dout.
template <int kHeadSize, int kHalves>
__device__ __forceinline__ void Fill(BackwardMemory<kHeadSize, kHalves>& shared, const HeadInputs& in) {
  static_assert(kHalves * kRows <= kBackwardThreads);
  using OfRows = Share<kHeadSize, kRows, kBackwardThreads>;
  typename OfRows::Angles angles[kHalves];
  Vector<Element> results[kHalves][OfRows::kVectors];
#pragma unroll
  for (int half = 0; half < kHalves; ++half) {
    const int begin = half * kRows;
    OfRows::StartCopy(shared.dout + begin, in.dout, begin, in.context);
    OfRows::StartCopy(shared.q + begin, in.q, begin, in.context);
    OfRows::StartCopy(shared.k + begin, in.k, begin, in.context);
    OfRows::StartCopy(shared.v + begin, in.v, begin, in.context);
    angles[half] = OfRows::LoadAngles(in.cos, in.sin, begin, in.context);
#pragma unroll
    for (int i = 0; i < OfRows::kVectors; ++i) {
      results[half][i] = Load(in.out.row(min(begin + OfRows::Row(i), in.context - 1)), OfRows::Column(i));
    }
  }
  const int thread = int(threadIdx.x);
  if (thread < kHalves * kRows) {
    shared.log_sum_exp[thread] = thread < in.context ? in.log_sum_exp[thread] * kLog2E : 0;
  }
  WaitForCopies();
#pragma unroll
  for (int half = 0; half < kHalves; ++half) {
    const int begin = half * kRows;
    Vector<Element> gradients[OfRows::kVectors];
    OfRows::Copied(gradients, shared.dout + begin);
#pragma unroll
    for (int i = 0; i < OfRows::kVectors; ++i) {
      float part = 0;
      for (int j = 0; j < kVector<Element>; ++j) part += ToFloat(results[half][i].at[j]) * ToFloat(gradients[i].at[j]);
      shared.row_parts[begin + OfRows::Row(i)][OfRows::Column(i)] = part;
    }
    OfRows::TurnRows(shared.q + begin, angles[half]);
    OfRows::TurnRows(shared.k + begin, angles[half]);
  }
  __syncthreads();
  if (thread < kHalves * kRows) {
    float sum = 0;
    for (const float part : shared.row_parts[thread]) sum += part;
    shared.row_sums[thread] = sum;
  }
  __syncthreads();
}

template <int kHeadSize, int kHalves>
__global__ void __launch_bounds__(kBackwardThreads)
    ShortAttentionBackwardKernel(Element* qkv, const Element* __restrict__ out, const Element* __restrict__ dout,
                                 const float* __restrict__ log_sum_exp, const float* __restrict__ cos,
                                 const float* __restrict__ sin, int context, float scale) {
  extern __shared__ __align__(16) unsigned char memory[];
  auto& shared = *reinterpret_cast<BackwardMemory<kHeadSize, kHalves>*>(memory);
  const auto q = HeadOfBlock<kHeadSize>(qkv, context, 3, 0), k = HeadOfBlock<kHeadSize>(qkv, context, 3, 1),
             v = HeadOfBlock<kHeadSize>(qkv, context, 3, 2);
  Fill(shared,
       HeadInputs{q, k, v, HeadOfBlock<kHeadSize>(out, context, 1, 0), HeadOfBlock<kHeadSize>(dout, context, 1, 0),
                  log_sum_exp + LogSumExpOffset(context), cos, sin, context});

  // Half of the keys with half of the queries at a time, where queries see keys: of the first half's keys with both
  // halves of queries, then of the second's. A warp has a tile of keys, and the same one of queries.
  const int tile = TileOfWarp();
  RowSums<kHeadSize> dk{}, dv{}, dq{};
  RowAngles<kHeadSize> row_angles;
#pragma unroll 1
  for (int keys_half = 0, queries_half = 0; keys_half < kHalves;) {
    const bool on_diagonal = keys_half == queries_half, ends_keys = queries_half == kHalves - 1;
    const int first_keys = keys_half * kTiles, first_queries = queries_half * kTiles;
    const int key_tile = first_keys + tile, query_tile = first_queries + tile;
    {
      // Transposed scores and their gradients, tile by tile of the queries that see the warp's keys.
      LeftRows<kHeadSize> keys, values;
      keys.Load(&shared.k[key_tile * kTile]);
      values.Load(&shared.v[key_tile * kTile]);
      const int end = min(first_queries + kTiles, (context + kTile - 1) / kTile);
#pragma unroll 2
      for (int queries = on_diagonal ? key_tile : first_queries; queries < end; ++queries) {
        TileSum p = keys.Multiply(&shared.q[queries * kTile]);
        TileSum ds = values.Multiply(&shared.dout[queries * kTile]);
#pragma unroll
        for (int half = 0; half < 2; ++half) {
#pragma unroll
          for (int i = 0; i < 4; ++i) {
            const int query = ColumnOf(queries, half, i);
            float& probability = p.at[half][i];
            probability = exp2f(probability * (scale * kLog2E) - shared.log_sum_exp[query]);
            if (RowOf(key_tile, i) > query) probability = 0;
            ds.at[half][i] = probability * (ds.at[half][i] - shared.row_sums[query]);
          }
          for (int i = 0; i < 4; i += 2) {
            *reinterpret_cast<unsigned*>(&shared.dscores[RowOf(tile, i)][ColumnOf(queries - first_queries, half, 0)]) =
                PackPair(ds.at[half][i], ds.at[half][i + 1]);
          }
        }
        dv.MultiplyAdd(AsLeft(p), shared.dout, queries);
        dk.MultiplyAdd(AsLeft(ds), shared.q, queries);
      }
    }
    if (on_diagonal) row_angles.Load(cos, sin, key_tile, context);
    // The gradients of scores are there; on the diagonal nobody reads these rows of q and dout any more.
    __syncthreads();

    if (ends_keys && key_tile * kTile < context) {
      dv.Store(&shared.v[key_tile * kTile], v, key_tile * kTile, context);
      dk.Scale(scale, scale);
      dk.TurnBack(row_angles);
      dk.Store(&shared.dout[key_tile * kTile], k, key_tile * kTile, context);
    }
    if (query_tile * kTile < context) {
      const int count = on_diagonal ? tile + 1 : kTiles;
#pragma unroll 2
      for (int keys = 0; keys < count; ++keys) {
        dq.MultiplyAdd(LoadLeftTransposed(&shared.dscores[keys * kTile][tile * kTile], kRows + kPadding), shared.k,
                       first_keys + keys);
      }
    }
    if (on_diagonal && query_tile * kTile < context) {
      dq.Scale(scale, scale);
      dq.TurnBack(row_angles);
      dq.Store(&shared.q[query_tile * kTile], q, query_tile * kTile, context);
      dq = {};
    }
    if (ends_keys) {
      dk = {};
      dv = {};
      queries_half = ++keys_half;
    } else {
      ++queries_half;
    }
    if (keys_half < kHalves) __syncthreads();  // the gradients of scores are read
  }
}

// Calls launch(head_size, halves), which are constants.
template <class Launch, std::size_t... kIndex>
cudaError_t WithConstants(const ShortAttentionShape& shape, Launch launch, std::index_sequence<kIndex...>) {
  cudaError_t status = cudaErrorInvalidValue;
  const auto launch_if = [&](auto index) {
    constexpr ShortAttentionLimit kLimit = kShortAttentionLimits[index];
    static_assert(kLimit.longest_context <= 2 * kRows);
    if (shape.head_size != kLimit.head_size) return;
    constexpr std::integral_constant<int, int(kLimit.head_size)> kHeadSize;
    if (shape.context <= kRows) {
      status = launch(kHeadSize, std::integral_constant<int, 1>());
    } else if constexpr (kLimit.longest_context > kRows) {
      status = launch(kHeadSize, std::integral_constant<int, 2>());
    }
  };
  (launch_if(std::integral_constant<std::size_t, kIndex>()), ...);
  return status;
}

template <class Launch>
cudaError_t WithConstants(const ShortAttentionShape& shape, Launch launch) {
  if (!HasShortAttention(shape.context, shape.head_size)) return cudaErrorInvalidValue;
  return WithConstants(shape, launch, std::make_index_sequence<kShortAttentionLimits.size()>());
}

template <class Kernel, class... Arguments>
cudaError_t Launch(cudaStream_t stream, Kernel kernel, int threads, std::int64_t parts, std::size_t memory,
                   const ShortAttentionShape& shape, Arguments... arguments) {
  const cudaError_t status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, int(memory));
  if (status != cudaSuccess) return status;
  const dim3 blocks(unsigned(shape.heads), unsigned(shape.batch), unsigned(parts));
  kernel<<<blocks, threads, memory, stream>>>(arguments..., int(shape.context),
                                              float(1 / std::sqrt(double(shape.head_size))));
  return cudaGetLastError();
}

// A launch's grid has so many sequences at most; a larger batch takes several launches. Calls launch(shape of a slice,
// elements of heads' outputs before it, elements of log-sum-exps before it).
template <class SliceLaunch>
cudaError_t ForEachSlice(const ShortAttentionShape& shape, SliceLaunch launch) {
  constexpr std::int64_t kMost = 65'535;
  cudaError_t status = cudaSuccess;
  for (std::int64_t first = 0; first < shape.batch && status == cudaSuccess; first += kMost) {
    ShortAttentionShape slice = shape;
    slice.batch = std::min(kMost, shape.batch - first);
    const std::int64_t rows = first * shape.context * shape.heads;
    status = launch(slice, rows * shape.head_size, rows);
  }
  return status;
}

}  // namespace

bool CanRunShortAttention(std::int64_t context, std::int64_t head_size) {
  int most = 0;
  if (DeviceAttribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, most) != cudaSuccess) return false;
  std::size_t needed = 0;
  const cudaError_t status = WithConstants({1, context, 1, head_size}, [&](auto size, auto halves) {
    needed = std::max(sizeof(ForwardMemory<size, halves>), sizeof(BackwardMemory<size, halves>));
    return cudaSuccess;
  });
  return status == cudaSuccess && needed <= std::size_t(most);
}

cudaError_t ShortAttentionForward(cudaStream_t stream, const Element* qkv, const float* cos, const float* sin,
                                  Element* out, float* log_sum_exp, const ShortAttentionShape& shape) {
  return WithConstants(shape, [&](auto head_size, auto halves) {
    constexpr int kBlockQueries = kQueries<decltype(halves)::value>;
    return ForEachSlice(shape, [&](const ShortAttentionShape& slice, std::int64_t heads, std::int64_t rows) {
      return Launch(stream, ShortAttentionForwardKernel<head_size, halves>, kForwardThreads<halves>,
                    (shape.context + kBlockQueries - 1) / kBlockQueries, sizeof(ForwardMemory<head_size, halves>),
                    slice, qkv + 3 * heads, cos, sin, out + heads, log_sum_exp + rows);
    });
  });
}

cudaError_t ShortAttentionBackward(cudaStream_t stream, Element* qkv, const Element* out, const Element* dout,
                                   const float* log_sum_exp, const float* cos, const float* sin,
                                   const ShortAttentionShape& shape) {
  return WithConstants(shape, [&](auto head_size, auto halves) {
    return ForEachSlice(shape, [&](const ShortAttentionShape& slice, std::int64_t heads, std::int64_t rows) {
      return Launch(stream, ShortAttentionBackwardKernel<head_size, halves>, kBackwardThreads, 1,
                    sizeof(BackwardMemory<head_size, halves>), slice, qkv + 3 * heads, out + heads, dout + heads,
                    log_sum_exp + rows, cos, sin);
    });
  });
}

}  // namespace tbench::kernels
