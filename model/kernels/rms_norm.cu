#include <cuda_bf16.h>

#include <algorithm>

#include "model/kernels/device_attribute.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr float kEpsilon = 1e-5F;

// A vector of a matrix, in FP32, wherever it is: a thread's `i`th of a row.
template <class T>
struct PlainSource {
  const T* data;
  __device__ __forceinline__ void Read(std::int64_t row_begin, int i, float (&to)[kVector<T>]) const {
    const Vector<T> v = Load(data + row_begin, i);
    for (int j = 0; j < kVector<T>; ++j) to[j] = ToFloat(v.at[j]);
  }
};

template <class T>
struct SplitKSource {
  const float* data;
  int count;
  std::int64_t size;  // elements of one partial result
  __device__ __forceinline__ void Read(std::int64_t row_begin, int i, float (&to)[kVector<T>]) const {
    for (int j = 0; j < kVector<T>; ++j) to[j] = 0;
#pragma unroll 4
    for (int part = 0; part < count; ++part) {
      const float* from = data + part * size + row_begin + std::int64_t(i) * kVector<T>;
      for (int j = 0; j < kVector<T>; j += kVector<float>) {
        const Vector<float> v = Load(from, j / kVector<float>);
        for (int l = 0; l < kVector<float>; ++l) to[j + l] += v.at[l];
      }
    }
  }
};

// A block per row. Where `kAdds`, x is made first: `residual` and the partials.
template <class T, bool kAdds>
__global__ void RmsNormForwardKernel(SplitKSource<T> partials, const T* residual, const T* __restrict__ weight, T* x,
                                     T* __restrict__ y, float* __restrict__ scale, int width) {
  __shared__ float shared[kWarp];
  const std::int64_t begin = std::int64_t(blockIdx.x) * width;
  const int vectors = width / kVector<T>;
  float squares = 0;
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    Vector<T> v;
    if constexpr (kAdds) {
      float sum[kVector<T>];
      partials.Read(begin, i, sum);
      const Vector<T> r = Load(residual + begin, i);
      for (int j = 0; j < kVector<T>; ++j) v.at[j] = FromFloat<T>(ToFloat(r.at[j]) + sum[j]);
      Store(x + begin, i, v);
    } else {
      v = Load(x + begin, i);
    }
    for (int j = 0; j < kVector<T>; ++j) squares += ToFloat(v.at[j]) * ToFloat(v.at[j]);
  }
  const float s = rsqrtf(ReduceBlock(squares, 0, Sum(), shared) / float(width) + kEpsilon);
  if (threadIdx.x == 0) scale[blockIdx.x] = s;
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    const Vector<T> v = Load(x + begin, i), w = Load(weight, i);  // x is in the nearest cache
    Vector<T> out;
    for (int j = 0; j < kVector<T>; ++j) out.at[j] = FromFloat<T>(ToFloat(v.at[j]) * s * ToFloat(w.at[j]));
    Store(y + begin, i, out);
  }
}

// A block walks over rows blockIdx.x, + gridDim.x, …; a thread has the columns of at most kOwned vectors, whose weight
// gradients it adds up in registers.
constexpr int kBackwardThreads = 512;
template <class T, int kOwned, class Source>
__global__ void __launch_bounds__(kBackwardThreads)
    RmsNormBackwardKernel(Source dy, const T* x, const T* __restrict__ weight, const float* __restrict__ scale,
                          const T* residual, T* dx, float* __restrict__ partial_dw, int rows, int width) {
  __shared__ float shared[2][kWarp];  // in turn, so that one barrier a row is enough
  const int vectors = width / kVector<T>;
  float dw[kOwned][kVector<T>] = {};
  int turn = 0;
  for (int row = int(blockIdx.x); row < rows; row += int(gridDim.x), turn ^= 1) {
    const std::int64_t begin = std::int64_t(row) * width;
    const float s = scale[row];
    Vector<T> xs[kOwned], r[kOwned];
    float g[kOwned][kVector<T>];
    float dot = 0;
    for (int k = 0; k < kOwned; ++k) {
      const int i = int(threadIdx.x) + k * int(blockDim.x);
      if (i >= vectors) break;
      dy.Read(begin, i, g[k]);
      xs[k] = Load(x + begin, i);
      r[k] = residual == nullptr ? Vector<T>{} : Load(residual + begin, i);
      const Vector<T> w = Load(weight, i);
      for (int j = 0; j < kVector<T>; ++j) {
        const float normed = ToFloat(xs[k].at[j]) * s;
        dw[k][j] += g[k][j] * normed;
        dot += g[k][j] * ToFloat(w.at[j]) * normed;
      }
    }
    const float mean = ReduceBlock(dot, 0, Sum(), shared[turn]) / float(width);
    for (int k = 0; k < kOwned; ++k) {
      const int i = int(threadIdx.x) + k * int(blockDim.x);
      if (i >= vectors) break;
      const Vector<T> w = Load(weight, i);
      Vector<T> out;
      for (int j = 0; j < kVector<T>; ++j) {
        const float normed = ToFloat(xs[k].at[j]) * s;
        out.at[j] = FromFloat<T>(ToFloat(r[k].at[j]) + s * (g[k][j] * ToFloat(w.at[j]) - normed * mean));
      }
      Store(dx + begin, i, out);
    }
  }
  float* partial = partial_dw + std::int64_t(blockIdx.x) * width;
  for (int k = 0; k < kOwned; ++k) {
    const int i = int(threadIdx.x) + k * int(blockDim.x);
    if (i >= vectors) break;
    for (int j = 0; j < kVector<T>; j += kVector<float>) {
      Vector<float> part;
      for (int l = 0; l < kVector<float>; ++l) part.at[l] = dw[k][j + l];
      Store(partial + std::int64_t(i) * kVector<T>, j / kVector<float>, part);
    }
  }
}

// A block per 32 columns of one norm: 32 rows of threads add up every 32nd partial row.
template <class T>
__global__ void RmsNormWeightGradientKernel(const float* __restrict__ partial_dw, T* __restrict__ dw, int partial_rows,
                                            int width) {
  __shared__ float sums[kWarp][kWarp + 1];
  const int column = int(blockIdx.x) * kWarp + int(threadIdx.x);
  const float* partial = partial_dw + std::int64_t(blockIdx.y) * partial_rows * width;
  float sum = 0;
  if (column < width) {
    for (int row = int(threadIdx.y); row < partial_rows; row += kWarp)
      sum += partial[std::int64_t(row) * width + column];
  }
  sums[threadIdx.y][threadIdx.x] = sum;
  __syncthreads();
  if (threadIdx.y != 0 || column >= width) return;
  sum = 0;
  for (int row = 0; row < kWarp; ++row) sum += sums[row][threadIdx.x];
  dw[std::int64_t(blockIdx.y) * width + column] = FromFloat<T>(sum);
}

template <class T>
SplitKSource<T> SourceOf(const SplitKPartials& partials, std::int64_t rows, std::int64_t width) {
  return {partials.data, int(partials.count), rows * width};
}

template <class T, class Source>
cudaError_t LaunchBackward(cudaStream_t stream, Source dy, const T* x, const T* weight, const float* scale,
                           const T* residual, T* dx, float* partial_dw, std::int64_t partial_rows, std::int64_t rows,
                           std::int64_t width) {
  const auto blocks = unsigned(partial_rows);
  const std::int64_t vectors = width / kVector<T>;
  const auto launch = [&](auto kernel, int owned) {
    const unsigned threads = ThreadsFor((vectors + owned - 1) / owned);
    kernel<<<blocks, threads, 0, stream>>>(dy, x, weight, scale, residual, dx, partial_dw, int(rows), int(width));
    return cudaGetLastError();
  };
  if (width > kRmsNormMaxWidth) return cudaErrorInvalidValue;
  if (vectors <= kBackwardThreads) return launch(RmsNormBackwardKernel<T, 1, Source>, 1);
  if (vectors <= 2 * kBackwardThreads) return launch(RmsNormBackwardKernel<T, 2, Source>, 2);
  return launch(RmsNormBackwardKernel<T, 4, Source>, 4);
}

}  // namespace

template <class T>
cudaError_t RmsNormForward(cudaStream_t stream, const T* x, const T* weight, T* y, float* scale, std::int64_t rows,
                           std::int64_t width) {
  RmsNormForwardKernel<T, false><<<unsigned(rows), ThreadsForRow<T>(width), 0, stream>>>(
      {}, nullptr, weight, const_cast<T*>(x), y, scale, int(width));  // which is only read
  return cudaGetLastError();
}

template <class T>
cudaError_t ResidualRmsNormForward(cudaStream_t stream, SplitKPartials partials, const T* residual, const T* weight,
                                   T* x, T* y, float* scale, std::int64_t rows, std::int64_t width) {
  RmsNormForwardKernel<T, true><<<unsigned(rows), ThreadsForRow<T>(width), 0, stream>>>(
      SourceOf<T>(partials, rows, width), residual, weight, x, y, scale, int(width));
  return cudaGetLastError();
}

cudaError_t RmsNormPartialRows(std::int64_t rows, std::int64_t& partial_rows) {
  int multiprocessors = 1;
  const cudaError_t status = Multiprocessors(multiprocessors);
  partial_rows = std::clamp<std::int64_t>((rows + 1) / 2, 1, std::int64_t(4) * multiprocessors);
  return status;
}

template <class T>
cudaError_t RmsNormBackward(cudaStream_t stream, const T* dy, const T* x, const T* weight, const float* scale,
                            const T* residual, T* dx, float* partial_dw, std::int64_t partial_rows, std::int64_t rows,
                            std::int64_t width) {
  return LaunchBackward(stream, PlainSource<T>{dy}, x, weight, scale, residual, dx, partial_dw, partial_rows, rows,
                        width);
}

template <class T>
cudaError_t RmsNormBackward(cudaStream_t stream, SplitKPartials dy, const T* x, const T* weight, const float* scale,
                            const T* residual, T* dx, float* partial_dw, std::int64_t partial_rows, std::int64_t rows,
                            std::int64_t width) {
  return LaunchBackward(stream, SourceOf<T>(dy, rows, width), x, weight, scale, residual, dx, partial_dw, partial_rows,
                        rows, width);
}

template <class T>
cudaError_t RmsNormWeightGradients(cudaStream_t stream, const float* partial_dw, T* dw, std::int64_t norms,
                                   std::int64_t partial_rows, std::int64_t width) {
  if (norms > kRmsNormMaxNorms) return cudaErrorInvalidValue;
  const dim3 blocks(unsigned((width + kWarp - 1) / kWarp), unsigned(norms));
  RmsNormWeightGradientKernel<<<blocks, dim3(kWarp, kWarp), 0, stream>>>(partial_dw, dw, int(partial_rows), int(width));
  return cudaGetLastError();
}

// The types that the model has.
#define TBENCH_INSTANTIATE(T)                                                                                          \
  template cudaError_t RmsNormForward(cudaStream_t, const T*, const T*, T*, float*, std::int64_t, std::int64_t);       \
  template cudaError_t ResidualRmsNormForward(cudaStream_t, SplitKPartials, const T*, const T*, T*, T*, float*,        \
                                              std::int64_t, std::int64_t);                                             \
  template cudaError_t RmsNormBackward(cudaStream_t, const T*, const T*, const T*, const float*, const T*, T*, float*, \
                                       std::int64_t, std::int64_t, std::int64_t);                                      \
  template cudaError_t RmsNormBackward(cudaStream_t, SplitKPartials, const T*, const T*, const float*, const T*, T*,   \
                                       float*, std::int64_t, std::int64_t, std::int64_t);                              \
  template cudaError_t RmsNormWeightGradients(cudaStream_t, const float*, T*, std::int64_t, std::int64_t, std::int64_t)
TBENCH_INSTANTIATE(float);
TBENCH_INSTANTIATE(__nv_bfloat16);
#undef TBENCH_INSTANTIATE

}  // namespace tbench::kernels
