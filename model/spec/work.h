#pragma once

#include <cstdint>

#include "model/spec/config.h"

// What a step costs, counted from the formulas of the architecture. FLOPs are those of matrix products only, two for a
// multiply-add, as in Kaplan et al., "Scaling Laws for Neural Language Models", table 1. Doubles: exact to 2^53.
namespace tbench {

// Which query-key pairs a figure counts: `naive` attention executes all T², causality needs T(T+1)/2.
enum class AttentionPairs { kAll, kCausal };

// N = 2Vd + L(4d² + 3df + 2d) + d.
std::int64_t ParameterCount(const ModelConfig& config);

// One forward pass of a [batch, context] batch, logits included.
double ForwardFlops(const ModelConfig& config, std::int64_t batch, std::int64_t context, AttentionPairs pairs);

// Backward forms two products for each one of the forward pass.
double BackwardFlops(const ModelConfig& config, std::int64_t batch, std::int64_t context, AttentionPairs pairs);

// Bytes of the weights at `bytes_per_weight`.
std::int64_t WeightBytes(const ModelConfig& config, std::int64_t bytes_per_weight);

// FP32 weights, gradients and AdamW's two moments: 16 bytes a parameter.
std::int64_t TrainingStateBytes(const ModelConfig& config);

// What one FP32 AdamW step reads (weight, gradient, moments) and writes (weight, moments): 28 bytes a parameter.
std::int64_t AdamWTrafficBytes(const ModelConfig& config);

}  // namespace tbench
