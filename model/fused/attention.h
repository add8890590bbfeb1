#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "model/spec/attention.h"
#include "model/spec/precision.h"
#include "model/spec/qkv_layout.h"

// Causal attention of the fused model on one GPU: from the layers' queries, keys and values, with RoPE, to the heads'
// outputs.
namespace tbench {

// Whether Forward has to apply RoPE to queries and keys, or somebody has, where they are.
enum class Rope { kPending, kApplied };

struct AttentionShape {
  std::int64_t layers, batch, context, heads, head_size;  // L, B, T, h, k

  constexpr QkvLayout qkv() const { return {.heads = heads, .head_size = head_size}; }
};

// Where the model keeps what attention reads.
struct AttentionInputs {
  std::vector<at::Tensor> qkv;  // of each layer [B·T, qkv().columns()]
  at::Tensor dout;              // [B·T, h·k]: the gradient of the output of the layer whose Backward is called
  at::Tensor cos, sin;          // [T, k/2], FP32: of RoPE's angles, one for each pair of adjacent elements
};

// Keeps of each layer what its backward pass reads. All work goes to LibTorch's current stream.
class FusedAttention {
 public:
  virtual ~FusedAttention() = default;
  // The heads' outputs side by side, [B·T, h·k]; valid until the layer's next Forward. May leave queries and keys
  // rotated where they are. std::logic_error for kApplied where !accepts_rotated().
  virtual at::Tensor Forward(std::int64_t layer, Rope rope) = 0;
  // Of the layer's last Forward: puts the gradients of queries, keys and values in their place, those of the former as
  // they are before RoPE, whoever applied it.
  virtual void Backward(std::int64_t layer) = 0;
  // Whether Forward may be given queries and keys that are rotated already.
  virtual bool accepts_rotated() const = 0;
  // Whether the outputs of all layers lie one behind the other, and stay where they are.
  virtual bool has_fixed_outputs() const = 0;
};

// Scores and probabilities in memory, GEMMs by cuBLAS.
std::unique_ptr<FusedAttention> MakeMaterializedAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                          Precision precision);

// LibTorch's operator of that backend: cuDNN's, flash, or the memory-efficient one.
std::unique_ptr<FusedAttention> MakeSdpaAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                  Attention backend);

// kernels/short_attention.h.
std::unique_ptr<FusedAttention> MakeShortAttention(const AttentionShape& shape, AttentionInputs inputs);
bool CanBeShort(const AttentionShape& shape, at::ScalarType type);

// By one of the above.
std::unique_ptr<FusedAttention> MakeAttention(Attention backend, const AttentionShape& shape, AttentionInputs inputs,
                                              Precision precision);

}  // namespace tbench
