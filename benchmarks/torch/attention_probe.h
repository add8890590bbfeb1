#pragma once

#include <ATen/core/Tensor.h>

#include <exception>

#include "model/fused/attention.h"

// What the choice of an attention backend asks the fused kernels, on a GPU.
namespace tbench {

bool FitsShortAttention(const AttentionShape& shape, at::ScalarType type);

struct ProbedAttention {
  double error = 0;  // of some queries of the first head of the first sequence, against FP64: ‖out − exact‖/‖exact‖
  float microseconds = 0;           // of some passes, without the host's launches
  std::exception_ptr failure = {};  // why it cannot run here, with neither of the above; null where it can
};

// One layer's attention on `qkv`, [B·T, shape.qkv().columns()]; its RoPE rotates by 0. What leaves the process without
// its GPU is thrown.
ProbedAttention ProbeAttention(Attention backend, const AttentionShape& shape, const at::Tensor& qkv,
                               Precision precision, bool backward);

}  // namespace tbench
