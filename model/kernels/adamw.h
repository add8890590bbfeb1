#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// AdamW (Loshchilov & Hutter 2019) over one flat array of all parameters: decoupled decay, bias-corrected, in FP32. T
// is float or __nv_bfloat16. Pointers are aligned to 16 bytes, `count` is a multiple of 8.
namespace tbench::kernels {

struct AdamWSettings {
  double learning_rate, beta1, beta2, epsilon, weight_decay;
};

// On the GPU, so that a CUDA graph's replays count. Zero before the first step.
struct AdamWClock {
  std::int64_t steps;
  float step_size;            // learning rate / (1 − β1^steps)
  float second_moment_scale;  // 1/√(1 − β2^steps)
};

// One step: counts it in `clock`, then updates. With T BF16, `masters` are the FP32 weights and `parameters` receive
// their rounded values: 28 bytes a parameter. With T float, `masters` is `parameters`: 28 bytes too.
template <class T>
cudaError_t AdamWStep(cudaStream_t stream, T* parameters, float* masters, const T* gradients, float* first_moments,
                      float* second_moments, AdamWClock* clock, std::int64_t count, const AdamWSettings& settings);

}  // namespace tbench::kernels
