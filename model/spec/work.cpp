#include "model/spec/work.h"

namespace tbench {

std::int64_t ParameterCount(const ModelConfig& m) {
  const std::int64_t block = 4 * m.d_model * m.d_model + 3 * m.d_model * m.d_ff + 2 * m.d_model;
  return 2 * m.vocab * m.d_model + m.layers * block + m.d_model;
}

double ForwardFlops(const ModelConfig& m, std::int64_t batch, std::int64_t context, AttentionPairs pairs) {
  const auto tokens = double(batch) * double(context);
  const auto linear = [&](std::int64_t in, std::int64_t out) { return 2 * tokens * double(in) * double(out); };
  const double projections = 4 * linear(m.d_model, m.d_model) + 3 * linear(m.d_model, m.d_ff);
  // Scores and their product with the values: 2 FLOPs × head size each, for every head and pair.
  const double pair_count = pairs == AttentionPairs::kAll ? tokens * double(context) : tokens * double(context + 1) / 2;
  const double attention = 4 * pair_count * double(m.d_model);
  return double(m.layers) * (projections + attention) + linear(m.d_model, m.vocab);
}

double BackwardFlops(const ModelConfig& config, std::int64_t batch, std::int64_t context, AttentionPairs pairs) {
  return 2 * ForwardFlops(config, batch, context, pairs);
}

std::int64_t WeightBytes(const ModelConfig& config, std::int64_t bytes_per_weight) {
  return bytes_per_weight * ParameterCount(config);
}

std::int64_t TrainingStateBytes(const ModelConfig& config) { return 16 * ParameterCount(config); }

std::int64_t AdamWTrafficBytes(const ModelConfig& config) { return 28 * ParameterCount(config); }

}  // namespace tbench
