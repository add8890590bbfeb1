#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "model/arithmetic.h"

// Causal attention of the fused model on one GPU: between the rotated queries and keys, and the heads' outputs.
namespace tbench {

enum class AttentionBackend { kScoresWritten, kCudnn, kFlash, kEfficient };

struct AttentionShape {
  std::int64_t layers, batch, context, heads, head_size;  // L, B, T, h, k
};

// Where the model keeps what attention reads.
struct AttentionInputs {
  std::vector<at::Tensor> qkv;  // of each layer [B·T, 3·h·k]: a row's queries, keys and values side by side
  at::Tensor dout;              // [B·T, h·k]: the gradient of the output of the layer whose Backward is called
};

// Keeps of each layer what its backward pass reads. All work goes to LibTorch's current stream.
class FusedAttention {
 public:
  virtual ~FusedAttention() = default;
  // The heads' outputs side by side, [B·T, h·k]; valid until the layer's next Forward.
  virtual at::Tensor Forward(std::int64_t layer) = 0;

  // Of the layer's last Forward: [B·T, h·k] each, with the same stride from row to row.
  struct Gradients {
    at::Tensor q, k, v;
  };
  virtual Gradients Backward(std::int64_t layer) = 0;
};

// Scores and probabilities in memory, multiplied by cuBLAS.
std::unique_ptr<FusedAttention> MakeWrittenAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                     Arithmetic arithmetic);

// LibTorch's operator of that backend; not for kScoresWritten.
std::unique_ptr<FusedAttention> MakeSdpaAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                  AttentionBackend backend);

}  // namespace tbench
