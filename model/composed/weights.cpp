#include "model/composed/weights.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty_like.h>

#include <cmath>

#include "model/composed/seeded_generator.h"

namespace tbench {
namespace {

constexpr double kCut = 3;  // standard deviations

// Normal with mean 0, cut at ±3 std, by the inverse of its distribution: no rejection, so one pass on the device.
void FillTruncatedNormal(const at::Tensor& weight, double std, at::Generator& generator) {
  const double bound = std::erf(kCut / std::sqrt(2.0));
  at::Tensor fp32 = weight.scalar_type() == at::kFloat ? weight : at::empty_like(weight, at::kFloat);
  fp32.uniform_(-bound, bound, generator).erfinv_().mul_(std * std::sqrt(2.0)).clamp_(-kCut * std, kCut * std);
  if (!fp32.is_same(weight)) weight.copy_(fp32);
}

}  // namespace

void InitializeWeights(const std::vector<NamedTensor>& parameters, std::uint64_t seed) {
  const at::NoGradGuard no_grad;
  at::Generator generator = SeededGenerator(parameters.front().tensor.device(), seed);
  for (const auto& [name, weight] : parameters) {
    if (weight.dim() == 1) {
      weight.fill_(1);
    } else if (name == "token_embeddings.weight") {
      FillTruncatedNormal(weight, 1, generator);
    } else {
      FillTruncatedNormal(weight, std::sqrt(2.0 / double(weight.size(0) + weight.size(1))), generator);
    }
  }
}

}  // namespace tbench
