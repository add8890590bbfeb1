#include "model/composed/transformer.h"

#include <ATen/ATen.h>
#include <torch/nn/modules/container/modulelist.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

namespace tbench {
namespace {

constexpr double kNormEpsilon = 1e-5;

}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, const torch::TensorOptions& tensors)
    : weight(register_parameter("weight", torch::empty({out, in}, tensors))) {}

torch::Tensor Linear::Forward(const torch::Tensor& x) const { return at::linear(x, weight); }

Embedding::Embedding(std::int64_t vocab, std::int64_t width, const torch::TensorOptions& tensors)
    : weight(register_parameter("weight", torch::empty({vocab, width}, tensors))) {}

torch::Tensor Embedding::Forward(const torch::Tensor& tokens) const { return at::embedding(weight, tokens); }

RmsNorm::RmsNorm(std::int64_t width, const torch::TensorOptions& tensors)
    : weight(register_parameter("weight", torch::empty({width}, tensors))) {}

torch::Tensor RmsNorm::Forward(const torch::Tensor& x) const {
  const torch::Tensor y = x.to(torch::kFloat);
  const torch::Tensor scale = at::rsqrt(y.pow(2).mean(-1, /*keepdim=*/true) + kNormEpsilon);
  return (y * scale * weight).to(x.scalar_type());  // FP32 · BF16 is FP32: the weight comes before the cast
}

torch::Tensor ApplyRope(const torch::Tensor& x, const Positions& positions) {
  const torch::Tensor y = x.to(torch::kFloat);
  const torch::Tensor even = y.slice(-1, 0, std::nullopt, 2), odd = y.slice(-1, 1, std::nullopt, 2);
  const torch::Tensor rotated = at::stack({even * positions.cos - odd * positions.sin,  //
                                           even * positions.sin + odd * positions.cos},
                                          -1);
  return rotated.flatten(-2).to(x.scalar_type());
}

SelfAttention::SelfAttention(const TransformerOptions& options)
    : heads_(options.config.heads), attention_(options.attention) {
  const std::int64_t d = options.config.d_model;
  q_proj_ = register_module("q_proj", std::make_shared<Linear>(d, d, options.tensors));
  k_proj_ = register_module("k_proj", std::make_shared<Linear>(d, d, options.tensors));
  v_proj_ = register_module("v_proj", std::make_shared<Linear>(d, d, options.tensors));
  output_proj_ = register_module("output_proj", std::make_shared<Linear>(d, d, options.tensors));
}

torch::Tensor SelfAttention::Forward(const torch::Tensor& x, const Positions& positions) const {
  const std::int64_t batch = x.size(0), context = x.size(1);
  const auto split = [&](const torch::Tensor& y) {  // [B,T,d] -> [B,h,T,k]
    return y.view({batch, context, heads_, -1}).transpose(1, 2);
  };
  const torch::Tensor q = ApplyRope(split(q_proj_->Forward(x)), positions);
  const torch::Tensor k = ApplyRope(split(k_proj_->Forward(x)), positions);
  const torch::Tensor v = split(v_proj_->Forward(x));
  const torch::Tensor heads = Attend(q, k, v, positions);
  return output_proj_->Forward(heads.transpose(1, 2).reshape({batch, context, -1}));
}

torch::Tensor SelfAttention::Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                                    const Positions& positions) const {
  if (TraitsOf(attention_).is_sdpa) {
    return at::scaled_dot_product_attention(q, k, v, {}, /*dropout_p=*/0.0, /*is_causal=*/true);
  }
  const torch::Tensor scores = at::matmul(q, k.transpose(-2, -1)) / std::sqrt(double(q.size(-1)));  // [B,h,T,T]
  const torch::Tensor masked = scores.masked_fill(positions.future, -std::numeric_limits<double>::infinity());
  return at::matmul(at::softmax(masked, -1, torch::kFloat).to(v.scalar_type()), v);
}

SwiGlu::SwiGlu(const TransformerOptions& options) {
  const std::int64_t d = options.config.d_model, f = options.config.d_ff;
  w1_ = register_module("w1", std::make_shared<Linear>(d, f, options.tensors));
  w2_ = register_module("w2", std::make_shared<Linear>(f, d, options.tensors));
  w3_ = register_module("w3", std::make_shared<Linear>(d, f, options.tensors));
}

torch::Tensor SwiGlu::Forward(const torch::Tensor& x) const {
  return w2_->Forward(at::silu(w1_->Forward(x)) * w3_->Forward(x));
}

Block::Block(const TransformerOptions& options) {
  ln1_ = register_module("ln1", std::make_shared<RmsNorm>(options.config.d_model, options.tensors));
  attn_ = register_module("attn", std::make_shared<SelfAttention>(options));
  ln2_ = register_module("ln2", std::make_shared<RmsNorm>(options.config.d_model, options.tensors));
  ffn_ = register_module("ffn", std::make_shared<SwiGlu>(options));
}

torch::Tensor Block::Forward(const torch::Tensor& x, const Positions& positions) const {
  const torch::Tensor attended = x + attn_->Forward(ln1_->Forward(x), positions);
  return attended + ffn_->Forward(ln2_->Forward(attended));
}

Transformer::Transformer(const TransformerOptions& options)
    : positions_(options.context, options.config.head_size(), options.attention, options.tensors.device()) {
  const ModelConfig& m = options.config;
  token_embeddings_ =
      register_module("token_embeddings", std::make_shared<Embedding>(m.vocab, m.d_model, options.tensors));
  torch::nn::ModuleList list;
  for (std::int64_t i = 0; i < m.layers; ++i) {
    layers_.push_back(std::make_shared<Block>(options));
    list->push_back(layers_.back());
  }
  register_module("layers", list);
  ln_final_ = register_module("ln_final", std::make_shared<RmsNorm>(m.d_model, options.tensors));
  lm_head_ = register_module("lm_head", std::make_shared<Linear>(m.d_model, m.vocab, options.tensors));
}

torch::Tensor Transformer::Forward(const torch::Tensor& tokens) const {
  torch::Tensor x = token_embeddings_->Forward(tokens);
  for (const auto& layer : layers_) x = layer->Forward(x, positions_);
  return lm_head_->Forward(ln_final_->Forward(x));
}

std::vector<NamedTensor> NamedParameters(const Transformer& model) {
  std::vector<NamedTensor> named;
  for (const auto& parameter : model.named_parameters()) named.push_back({parameter.key(), parameter.value()});
  return named;
}

torch::Tensor CrossEntropy(const torch::Tensor& logits, const torch::Tensor& targets) {
  return at::cross_entropy_loss(logits.flatten(0, 1).to(torch::kFloat), targets.flatten());
}

}  // namespace tbench
