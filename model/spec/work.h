#pragma once

#include <cstdint>

#include "model/spec/attention.h"
#include "model/spec/config.h"
#include "model/spec/pass.h"
#include "model/spec/precision.h"

// What a step costs, counted from the formulas of the architecture. FLOPs are those of GEMMs only, two for a
// multiply-add, as in Kaplan et al., "Scaling Laws for Neural Language Models", table 1. Doubles: exact to 2^53.
namespace tbench {

// What is computed, by whichever kernels.
struct StepSpec {
  ModelConfig config;
  std::int64_t batch = 0, context = 0;  // sequences and their tokens, of one rank
  Pass pass = Pass::kForward;
  Precision precision = Precision::kFp32;
  Attention attention = Attention::kNaive;

  double tokens() const { return double(batch) * double(context); }
};

// Which query-key pairs a figure counts: all T², as materialized attention executes them, or the T(T+1)/2 that
// causality needs.
enum class AttentionPairs { kAll, kCausal };
AttentionPairs ExecutedPairs(Attention attention);

// N = 2Vd + L(4d² + 3df + 2d) + d.
std::int64_t ParameterCount(const ModelConfig& config);

// One forward pass, logits included.
double ForwardFlops(const StepSpec& step, AttentionPairs pairs);

// The whole step. A backward pass has two GEMMs for each one of the forward pass.
double StepFlops(const StepSpec& step, AttentionPairs pairs);

// Bytes that a step must move whatever the kernels: the weights for each of its passes and gradients as often as it
// reads and writes them, AdamW's traffic.
double MinimalStepBytes(const StepSpec& step);

// Bytes of the weights at `bytes_per_weight`.
std::int64_t WeightBytes(const ModelConfig& config, std::int64_t bytes_per_weight);

// FP32 weights, gradients and AdamW's two moments: 16 bytes a parameter.
std::int64_t TrainingStateBytes(const ModelConfig& config);

// What one FP32 AdamW step reads (weight, gradient, moments) and writes (weight, moments): 28 bytes a parameter.
std::int64_t AdamWTrafficBytes(const ModelConfig& config);

}  // namespace tbench
