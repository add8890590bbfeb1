#include <cuda_bf16.h>

#include "model/kernels/adamw.h"
#include "model/kernels/vector.cuh"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 256;

__global__ void TickKernel(AdamWClock* clock, AdamWSettings settings) {
  const auto steps = double(++clock->steps);
  clock->step_size = float(settings.learning_rate / (1 - pow(settings.beta1, steps)));
  clock->second_moment_scale = float(1 / sqrt(1 - pow(settings.beta2, steps)));
}

// What an update needs of the settings, rounded once.
struct Factors {
  float keep;  // 1 − learning rate·decay
  float beta1, beta2, epsilon;
  float one_minus_beta1, one_minus_beta2;
};

// Everything is read once and written once: no cache is to keep it. Four elements a thread: 16 bytes of FP32.
template <class T>
__global__ void UpdateKernel(T* parameters, float* masters, const T* __restrict__ gradients,
                             float* __restrict__ first_moments, float* __restrict__ second_moments,
                             const AdamWClock* __restrict__ clock, std::int64_t quads, Factors f) {
  const std::int64_t i = std::int64_t(blockIdx.x) * kThreads + threadIdx.x;
  if (i >= quads) return;
  const auto load = [i](const float* from) { return __ldcs(reinterpret_cast<const float4*>(from) + i); };
  const auto store = [i](float* to, const float4& values) { __stcs(reinterpret_cast<float4*>(to) + i, values); };
  float4 weights = load(masters), m = load(first_moments), v = load(second_moments), g;
  if constexpr (sizeof(T) == sizeof(float)) {
    g = load(gradients);
  } else {
    const uint2 packed = __ldcs(reinterpret_cast<const uint2*>(gradients) + i);
    const auto* halves = reinterpret_cast<const __nv_bfloat162*>(&packed);
    const float2 low = __bfloat1622float2(halves[0]), high = __bfloat1622float2(halves[1]);
    g = {low.x, low.y, high.x, high.y};
  }
  const float step_size = clock->step_size, second_moment_scale = clock->second_moment_scale;
  const auto update = [&](float& weight, float& first, float& second, float gradient) {
    first = f.beta1 * first + f.one_minus_beta1 * gradient;
    second = f.beta2 * second + f.one_minus_beta2 * gradient * gradient;
    weight = f.keep * weight - step_size * first / (sqrtf(second) * second_moment_scale + f.epsilon);
  };
  update(weights.x, m.x, v.x, g.x);
  update(weights.y, m.y, v.y, g.y);
  update(weights.z, m.z, v.z, g.z);
  update(weights.w, m.w, v.w, g.w);
  store(masters, weights);
  store(first_moments, m);
  store(second_moments, v);
  if constexpr (sizeof(T) != sizeof(float)) {
    uint2 packed;
    auto* halves = reinterpret_cast<__nv_bfloat162*>(&packed);
    halves[0] = __floats2bfloat162_rn(weights.x, weights.y);
    halves[1] = __floats2bfloat162_rn(weights.z, weights.w);
    __stcs(reinterpret_cast<uint2*>(parameters) + i, packed);
  }
}

}  // namespace

template <class T>
cudaError_t AdamWStep(cudaStream_t stream, T* parameters, float* masters, const T* gradients, float* first_moments,
                      float* second_moments, AdamWClock* clock, std::int64_t count, const AdamWSettings& settings) {
  const Factors factors{float(1 - settings.learning_rate * settings.weight_decay),
                        float(settings.beta1),
                        float(settings.beta2),
                        float(settings.epsilon),
                        float(1 - settings.beta1),
                        float(1 - settings.beta2)};
  const std::int64_t quads = count / 4;
  TickKernel<<<1, 1, 0, stream>>>(clock, settings);
  UpdateKernel<<<unsigned((quads + kThreads - 1) / kThreads), kThreads, 0, stream>>>(
      parameters, masters, gradients, first_moments, second_moments, clock, quads, factors);
  return cudaGetLastError();
}

template cudaError_t AdamWStep(cudaStream_t, float*, float*, const float*, float*, float*, AdamWClock*, std::int64_t,
                               const AdamWSettings&);
template cudaError_t AdamWStep(cudaStream_t, __nv_bfloat16*, float*, const __nv_bfloat16*, float*, float*, AdamWClock*,
                               std::int64_t, const AdamWSettings&);

}  // namespace tbench::kernels
