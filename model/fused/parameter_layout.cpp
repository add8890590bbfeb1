#include "model/fused/parameter_layout.h"

#include "model/fused/alignment.h"

namespace tbench {

ParameterLayout::ParameterLayout(const ModelConfig& config) {
  const std::int64_t d = config.d_model, f = config.d_ff;
  const QkvLayout columns = config.qkv();
  norms_ = Aligned(config.vocab * d);
  layers_ = norms_ + Aligned((2 * config.layers + 1) * d);
  output_ = Aligned(columns.columns() * d);
  w13_ = output_ + Aligned(d * columns.query_columns());
  w2_ = w13_ + Aligned(2 * f * d);
  layer_size_ = w2_ + Aligned(d * f);
  head_ = layers_ + config.layers * layer_size_;
  size_ = head_ + Aligned(config.vocab * d);

  slices_.push_back({"token_embeddings.weight", embeddings(), {config.vocab, d}});
  for (std::int64_t i = 0; i < config.layers; ++i) {
    const std::string layer = "layers." + std::to_string(i) + ".";
    slices_.push_back({layer + "ln1.weight", norms_ + 2 * i * d, {d}});
    slices_.push_back({layer + "attn.q_proj.weight", qkv(i), {columns.query_columns(), d}});
    slices_.push_back({layer + "attn.k_proj.weight", qkv(i) + columns.keys() * d, {columns.key_columns(), d}});
    slices_.push_back({layer + "attn.v_proj.weight", qkv(i) + columns.values() * d, {columns.key_columns(), d}});
    slices_.push_back({layer + "attn.output_proj.weight", output(i), {d, columns.query_columns()}});
    slices_.push_back({layer + "ln2.weight", norms_ + (2 * i + 1) * d, {d}});
    slices_.push_back({layer + "ffn.w1.weight", w13(i), {f, d}});
    slices_.push_back({layer + "ffn.w2.weight", w2(i), {d, f}});
    slices_.push_back({layer + "ffn.w3.weight", w13(i) + f * d, {f, d}});
  }
  slices_.push_back({"ln_final.weight", norms_ + 2 * config.layers * d, {d}});
  slices_.push_back({"lm_head.weight", head(), {config.vocab, d}});
}

}  // namespace tbench
