#include "model/spec/work.h"

namespace tbench {

AttentionPairs ExecutedPairs(Attention attention) {
  return TraitsOf(attention).materializes ? AttentionPairs::kAll : AttentionPairs::kCausal;
}

std::int64_t ParameterCount(const ModelConfig& m) {
  const QkvLayout qkv = m.qkv();
  const std::int64_t attention = (qkv.columns() + qkv.query_columns()) * m.d_model;
  const std::int64_t block = attention + 3 * m.d_model * m.d_ff + 2 * m.d_model;
  return 2 * m.vocab * m.d_model + m.layers * block + m.d_model;
}

double ForwardFlops(const StepSpec& step, AttentionPairs pairs) {
  const ModelConfig& m = step.config;
  const QkvLayout qkv = m.qkv();
  const auto linear = [&](std::int64_t in, std::int64_t out) { return 2 * step.tokens() * double(in) * double(out); };
  const double projections =
      linear(m.d_model, qkv.columns()) + linear(qkv.query_columns(), m.d_model) + 3 * linear(m.d_model, m.d_ff);
  // Scores and their product with the values: 2 FLOPs × head size each, for every head and pair.
  const auto keys = double(step.context);
  const double pair_count = step.tokens() * (pairs == AttentionPairs::kAll ? keys : (keys + 1) / 2);
  const double attention = 4 * pair_count * double(qkv.query_columns());
  return double(m.layers) * (projections + attention) + linear(m.d_model, m.vocab);
}

double StepFlops(const StepSpec& step, AttentionPairs pairs) {
  return (TraitsOf(step.pass).backward ? 3 : 1) * ForwardFlops(step, pairs);
}

double MinimalStepBytes(const StepSpec& step) {
  const PassTraits& pass = TraitsOf(step.pass);
  const auto weights = double(WeightBytes(step.config, BytesOf(TraitsOf(step.precision).element)));
  double bytes = weights;                   // read by the forward pass,
  if (pass.backward) bytes += 2 * weights;  // by the backward pass, which writes as many gradients
  if (pass.optimizer) bytes += double(AdamWTrafficBytes(step.config));
  return bytes;
}

std::int64_t WeightBytes(const ModelConfig& config, std::int64_t bytes_per_weight) {
  return bytes_per_weight * ParameterCount(config);
}

std::int64_t TrainingStateBytes(const ModelConfig& config) { return 16 * ParameterCount(config); }

std::int64_t AdamWTrafficBytes(const ModelConfig& config) { return 28 * ParameterCount(config); }

}  // namespace tbench
