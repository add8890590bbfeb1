#include <cuda_bf16.h>

#include <algorithm>

#include "model/kernels/rms_norm.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr float kEpsilon = 1e-5F;

// A block per row.
template <class T>
__global__ void ForwardKernel(const T* __restrict__ x, const T* __restrict__ weight, T* __restrict__ y,
                              float* __restrict__ scale, int width) {
  __shared__ float shared[kWarp];
  const T* row = x + std::int64_t(blockIdx.x) * width;
  const int vectors = width / kVector<T>;
  float squares = 0;
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    const Vector<T> v = Load(row, i);
    for (int j = 0; j < kVector<T>; ++j) squares += ToFloat(v.at[j]) * ToFloat(v.at[j]);
  }
  const float s = rsqrtf(ReduceBlock(squares, 0, Sum(), shared) / float(width) + kEpsilon);
  if (threadIdx.x == 0) scale[blockIdx.x] = s;
  for (int i = int(threadIdx.x); i < vectors; i += int(blockDim.x)) {
    const Vector<T> v = Load(row, i), w = Load(weight, i);
    Vector<T> out;
    for (int j = 0; j < kVector<T>; ++j) out.at[j] = FromFloat<T>(ToFloat(v.at[j]) * s * ToFloat(w.at[j]));
    Store(y + std::int64_t(blockIdx.x) * width, i, out);
  }
}

// A block walks over rows blockIdx.x, + gridDim.x, …; a thread has the columns of at most kOwned vectors, whose weight
// gradients it adds up in registers.
template <class T, int kOwned>
__global__ void BackwardKernel(const T* dy, const T* x, const T* __restrict__ weight, const float* __restrict__ scale,
                               const T* residual, T* dx, float* __restrict__ partial_dw, int rows, int width) {
  __shared__ float shared[2][kWarp];  // in turn, so that one barrier a row is enough
  const int vectors = width / kVector<T>;
  float dw[kOwned][kVector<T>] = {};
  int turn = 0;
  for (int row = int(blockIdx.x); row < rows; row += int(gridDim.x), turn ^= 1) {
    const std::int64_t begin = std::int64_t(row) * width;
    const float s = scale[row];
    Vector<T> g[kOwned], xs[kOwned], r[kOwned];
    float dot = 0;
    for (int k = 0; k < kOwned; ++k) {
      const int i = int(threadIdx.x) + k * int(blockDim.x);
      if (i >= vectors) break;
      g[k] = Load(dy + begin, i);
      xs[k] = Load(x + begin, i);
      r[k] = residual == nullptr ? Vector<T>{} : Load(residual + begin, i);
      const Vector<T> w = Load(weight, i);
      for (int j = 0; j < kVector<T>; ++j) {
        const float gradient = ToFloat(g[k].at[j]), normed = ToFloat(xs[k].at[j]) * s;
        dw[k][j] += gradient * normed;
        dot += gradient * ToFloat(w.at[j]) * normed;
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
        out.at[j] = FromFloat<T>(ToFloat(r[k].at[j]) + s * (ToFloat(g[k].at[j]) * ToFloat(w.at[j]) - normed * mean));
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
__global__ void WeightGradientKernel(const float* __restrict__ partial_dw, T* __restrict__ dw, int partial_rows,
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

}  // namespace

template <class T>
cudaError_t RmsNormForward(cudaStream_t stream, const T* x, const T* weight, T* y, float* scale, std::int64_t rows,
                           std::int64_t width) {
  ForwardKernel<<<unsigned(rows), unsigned(ThreadsFor(width / kVector<T>)), 0, stream>>>(x, weight, y, scale,
                                                                                         int(width));
  return cudaGetLastError();
}

std::int64_t RmsNormPartialRows(std::int64_t rows) {
  int device = 0, multiprocessors = 1;
  if (cudaGetDevice(&device) == cudaSuccess) {
    cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device);
  }
  return std::clamp<std::int64_t>((rows + 1) / 2, 1, std::int64_t(4) * multiprocessors);
}

template <class T>
cudaError_t RmsNormBackward(cudaStream_t stream, const T* dy, const T* x, const T* weight, const float* scale,
                            const T* residual, T* dx, float* partial_dw, std::int64_t rows, std::int64_t width) {
  const auto blocks = unsigned(RmsNormPartialRows(rows));
  const std::int64_t vectors = width / kVector<T>;
  const auto launch = [&](auto kernel, int owned) {
    const auto threads = unsigned(ThreadsFor((vectors + owned - 1) / owned));
    kernel<<<blocks, threads, 0, stream>>>(dy, x, weight, scale, residual, dx, partial_dw, int(rows), int(width));
  };
  if (vectors <= 512) {
    launch(BackwardKernel<T, 1>, 1);
  } else if (vectors <= 1024) {
    launch(BackwardKernel<T, 2>, 2);
  } else if (vectors <= 4096) {
    launch(BackwardKernel<T, 4>, 4);
  } else {
    return cudaErrorInvalidValue;
  }
  return cudaGetLastError();
}

template <class T>
cudaError_t RmsNormWeightGradients(cudaStream_t stream, const float* partial_dw, T* dw, std::int64_t norms,
                                   std::int64_t partial_rows, std::int64_t width) {
  const dim3 blocks(unsigned((width + kWarp - 1) / kWarp), unsigned(norms));
  WeightGradientKernel<<<blocks, dim3(kWarp, kWarp), 0, stream>>>(partial_dw, dw, int(partial_rows), int(width));
  return cudaGetLastError();
}

template cudaError_t RmsNormForward(cudaStream_t, const float*, const float*, float*, float*, std::int64_t,
                                    std::int64_t);
template cudaError_t RmsNormForward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, __nv_bfloat16*, float*,
                                    std::int64_t, std::int64_t);
template cudaError_t RmsNormBackward(cudaStream_t, const float*, const float*, const float*, const float*, const float*,
                                     float*, float*, std::int64_t, std::int64_t);
template cudaError_t RmsNormBackward(cudaStream_t, const __nv_bfloat16*, const __nv_bfloat16*, const __nv_bfloat16*,
                                     const float*, const __nv_bfloat16*, __nv_bfloat16*, float*, std::int64_t,
                                     std::int64_t);
template cudaError_t RmsNormWeightGradients(cudaStream_t, const float*, float*, std::int64_t, std::int64_t,
                                            std::int64_t);
template cudaError_t RmsNormWeightGradients(cudaStream_t, const float*, __nv_bfloat16*, std::int64_t, std::int64_t,
                                            std::int64_t);

}  // namespace tbench::kernels
