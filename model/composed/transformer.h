#pragma once

#include <torch/nn/module.h>
#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "model/composed/positions.h"
#include "model/composed/weights.h"
#include "model/spec/attention.h"
#include "model/spec/config.h"

// A decoder-only Transformer: pre-norm blocks, RMSNorm (Zhang & Sennrich 2019), RoPE (Su et al. 2021),
// SwiGLU (Shazeer 2020), no bias, no dropout. Shapes: B batch, T context, V vocabulary, d model width, f feed-forward
// width, h heads, k = d/h.
namespace tbench {

struct TransformerOptions {
  ModelConfig config;
  std::int64_t context;  // T: every batch has this length
  Attention
      attention;  // kNaive materializes the scores; else scaled_dot_product_attention by the backend that is allowed
  torch::TensorOptions tensors;  // device and dtype of weights and activations
};

// x·Wᵀ; weight [out, in].
struct Linear : torch::nn::Module {
  Linear(std::int64_t in, std::int64_t out, const torch::TensorOptions& tensors);
  torch::Tensor Forward(const torch::Tensor& x) const;
  torch::Tensor weight;
};

// weight [V, d].
struct Embedding : torch::nn::Module {
  Embedding(std::int64_t vocab, std::int64_t width, const torch::TensorOptions& tensors);
  torch::Tensor Forward(const torch::Tensor& tokens) const;
  torch::Tensor weight;
};

// x·rsqrt(mean(x²) + 1e-5)·weight in FP32, then back to x's type; weight [d].
struct RmsNorm : torch::nn::Module {
  RmsNorm(std::int64_t width, const torch::TensorOptions& tensors);
  torch::Tensor Forward(const torch::Tensor& x) const;
  torch::Tensor weight;
};

// RoPE: rotates adjacent pairs (2j, 2j+1) of x [B,h,T,k] by the angle t·θ^(−2j/k), in FP32.
torch::Tensor ApplyRope(const torch::Tensor& x, const Positions& positions);

struct SelfAttention : torch::nn::Module {
  explicit SelfAttention(const TransformerOptions& options);
  torch::Tensor Forward(const torch::Tensor& x, const Positions& positions) const;  // [B,T,d] -> [B,T,d]

 private:
  torch::Tensor Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                       const Positions& positions) const;
  const std::int64_t heads_;
  const Attention attention_;
  std::shared_ptr<Linear> q_proj_, k_proj_, v_proj_, output_proj_;
};

// w2(silu(w1 x) ⊙ w3 x).
struct SwiGlu : torch::nn::Module {
  explicit SwiGlu(const TransformerOptions& options);
  torch::Tensor Forward(const torch::Tensor& x) const;

 private:
  std::shared_ptr<Linear> w1_, w2_, w3_;
};

struct Block : torch::nn::Module {
  explicit Block(const TransformerOptions& options);
  torch::Tensor Forward(const torch::Tensor& x, const Positions& positions) const;

 private:
  std::shared_ptr<RmsNorm> ln1_, ln2_;
  std::shared_ptr<SelfAttention> attn_;
  std::shared_ptr<SwiGlu> ffn_;
};

struct Transformer : torch::nn::Module {
  // The weights are uninitialized memory until InitializeWeights.
  explicit Transformer(const TransformerOptions& options);
  // tokens int64 [B,T] -> logits [B,T,V].
  torch::Tensor Forward(const torch::Tensor& tokens) const;

 private:
  Positions positions_;
  std::shared_ptr<Embedding> token_embeddings_;
  std::vector<std::shared_ptr<Block>> layers_;
  std::shared_ptr<RmsNorm> ln_final_;
  std::shared_ptr<Linear> lm_head_;
};

// As the modules are called, in the order of their registration.
std::vector<NamedTensor> NamedParameters(const Transformer& model);

// Mean cross-entropy in FP32 over all positions: logits [B,T,V], targets int64 [B,T] -> scalar.
torch::Tensor CrossEntropy(const torch::Tensor& logits, const torch::Tensor& targets);

}  // namespace tbench
