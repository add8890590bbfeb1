#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tbench {

struct NamedTensor {
  std::string name;
  at::Tensor tensor;
};

// Linear weights: normal, std √(2/(in+out)) (Glorot & Bengio 2010); embedding: std 1; both cut at ±3 std. Norms: 1.
// Drawn in FP32 on the weights' device, so that BF16 weights are the rounded FP32 ones of the same seed.
// The same for a seed, whoever owns the parameters, if they come in that order.
void InitializeWeights(const std::vector<NamedTensor>& parameters, std::uint64_t seed);

}  // namespace tbench
