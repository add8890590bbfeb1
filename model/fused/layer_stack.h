#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cstdint>
#include <vector>

#include "model/fused/alignment.h"

namespace tbench {

// A matrix [rows, width] for each layer, uninitialized, all at the same distance from one to the next, so that those of
// several layers can be multiplied at once, and aligned.
inline std::vector<at::Tensor> LayerStack(std::int64_t layers, std::int64_t rows, std::int64_t width,
                                          const at::TensorOptions& tensors) {
  const std::int64_t size = rows * width;
  const at::Tensor all = at::empty({layers, Aligned(size)}, tensors);
  std::vector<at::Tensor> stack;
  for (std::int64_t i = 0; i < layers; ++i) stack.push_back(all.select(0, i).narrow(0, 0, size).view({rows, width}));
  return stack;
}

}  // namespace tbench
