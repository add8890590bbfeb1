#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/spec/attention.h"

namespace tbench {

// What depends on positions alone; made once, shared by all layers.
struct Positions {
  Positions(std::int64_t context, std::int64_t head_size, Attention attention, const at::Device& device);
  at::Tensor cos, sin;  // [T, k/2], FP32 whatever the weights are: of the angles t·θ^(−2j/k)
  at::Tensor future;    // [T, T] bool: true where the key comes after the query; undefined where nobody reads it
};

}  // namespace tbench
