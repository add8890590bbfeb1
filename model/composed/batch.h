#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "model/spec/config.h"

namespace tbench {

// Uniform random tokens [B,T+1], the same for a seed on a kind of device: inputs are the first T, targets the last T.
struct Batch {
  at::Tensor inputs, targets;  // int64 [B,T]
};
Batch RandomBatch(const ModelConfig& config, std::int64_t batch, std::int64_t context, const at::Device& device,
                  std::uint64_t seed);

}  // namespace tbench
