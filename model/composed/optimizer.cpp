#include "model/composed/optimizer.h"

#include <ATen/ATen.h>
#include <torch/utils.h>

namespace tbench {
namespace {

// FP32 copies of a chunk's gradients take at most this many elements (256 MiB), or those of its only parameter.
constexpr std::int64_t kChunkElements = std::int64_t{1} << 26;

}  // namespace

AdamW::AdamW(std::vector<torch::Tensor> parameters, const Options& options) : options_(options) {
  const torch::NoGradGuard no_grad;
  std::int64_t elements = 0;
  for (torch::Tensor& parameter : parameters) {
    const bool is_fp32 = parameter.scalar_type() == torch::kFloat;
    if (chunks_.empty() || (!is_fp32 && elements + parameter.numel() > kChunkElements)) {
      chunks_.emplace_back();
      elements = 0;
    }
    elements += parameter.numel();
    Chunk& chunk = chunks_.back();
    const auto fp32 = parameter.options().dtype(torch::kFloat).requires_grad(false);
    chunk.masters.push_back(is_fp32 ? parameter : parameter.detach().to(torch::kFloat));
    chunk.first_moments.push_back(at::zeros_like(parameter, fp32));
    chunk.second_moments.push_back(at::zeros_like(parameter, fp32));
    chunk.steps.push_back(at::zeros({}, fp32));  // on the device, so that no step waits for the host's count
    chunk.parameters.push_back(std::move(parameter));
  }
}

void AdamW::Step() {
  const torch::NoGradGuard no_grad;
  for (Chunk& chunk : chunks_) StepChunk(chunk);
}

void AdamW::Reset() {
  const torch::NoGradGuard no_grad;
  for (Chunk& chunk : chunks_) {
    for (auto* state : {&chunk.first_moments, &chunk.second_moments, &chunk.steps}) {
      for (torch::Tensor& tensor : *state) tensor.zero_();
    }
    for (std::size_t i = 0; i < chunk.masters.size(); ++i) {
      if (!chunk.masters[i].is_same(chunk.parameters[i])) chunk.masters[i].copy_(chunk.parameters[i]);
    }
  }
}

void AdamW::StepChunk(Chunk& chunk) {
  std::vector<torch::Tensor> gradients;
  gradients.reserve(chunk.parameters.size());
  for (const torch::Tensor& parameter : chunk.parameters) gradients.push_back(parameter.grad().to(torch::kFloat));
  at::_foreach_add_(chunk.steps, 1);
  at::_fused_adamw_(chunk.masters, gradients, chunk.first_moments, chunk.second_moments, {}, chunk.steps,
                    options_.learning_rate, options_.beta1, options_.beta2, options_.weight_decay, options_.epsilon,
                    /*amsgrad=*/false, /*maximize=*/false);
  if (!chunk.masters.front().is_same(chunk.parameters.front())) at::_foreach_copy_(chunk.parameters, chunk.masters);
}

std::vector<torch::Tensor> AdamW::masters() const {
  std::vector<torch::Tensor> all;
  for (const Chunk& chunk : chunks_) all.insert(all.end(), chunk.masters.begin(), chunk.masters.end());
  return all;
}

}  // namespace tbench
