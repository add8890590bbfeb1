#pragma once

#include <ATen/core/Tensor.h>

#include "model/fused/attention.h"

namespace tbench {

// RoPE around an attention that does not have it: kernels/rope.h on tensors of FP32 or
// BF16, on LibTorch's current stream.
class AttentionRope {
 public:
  // cos, sin [T, k/2], FP32.
  AttentionRope(const AttentionShape& shape, at::Tensor cos, at::Tensor sin);
  // qkv [B·T, shape.qkv().columns()]: its queries and keys where they are.
  void Forward(const at::Tensor& qkv) const;
  // dq, dk, dv [B·T, h·k], with the same stride from row to row -> dqkv, as qkv.
  void Backward(const at::Tensor& dq, const at::Tensor& dk, const at::Tensor& dv, const at::Tensor& dqkv) const;

 private:
  AttentionShape shape_;
  at::Tensor cos_, sin_;
};

}  // namespace tbench
