#include "model/spec/footprint.h"

#include <algorithm>

namespace tbench {
namespace {

constexpr double kFp32 = 4;
constexpr double kAdamWChunk = 1 << 26;  // elements

// Sizes of tensors, in elements.
struct Sizes {
  double width, hidden, logits, scores;  // nd, nf, nV, S
  double parameters, layers;
};

Sizes SizesOf(const StepSpec& step) {
  const ModelConfig& m = step.config;
  const bool has_scores = TraitsOf(step.attention).materializes;
  return {.width = step.tokens() * double(m.d_model),
          .hidden = step.tokens() * double(m.d_ff),
          .logits = step.tokens() * double(m.vocab),
          .scores = has_scores ? step.tokens() * double(m.heads) * double(step.context) : 0,
          .parameters = double(ParameterCount(m)),
          .layers = double(m.layers)};
}

}  // namespace

double PredictedPeakBytes(const StepSpec& step) {
  const PassTraits& pass = TraitsOf(step.pass);
  const Element element = TraitsOf(step.precision).element;
  const bool casts = element != Element::kFp32;
  const double e = BytesOf(element);
  const Sizes s = SizesOf(step);

  const double norm = (2 * kFp32 + e) * s.width;
  const double swiglu = 4 * e * s.hidden;
  const double kept_scores = (casts ? kFp32 + e : kFp32) * s.scores;
  const double layer = 2 * norm + 4 * e * s.width + swiglu + kept_scores;
  const double kept = s.layers * layer + norm + kFp32 * s.logits;

  // The layer's second norm and SwiGLU do not exist while its scores do.
  const double at_scores = 3 * kFp32 * s.scores - kept_scores - swiglu - 2 * norm - kFp32 * s.logits;
  double peak = kept + std::max((casts ? e + kFp32 : e) * s.logits, at_scores);
  if (pass.backward) {
    const double gradients = e * s.parameters;
    peak = std::max({peak, kept + 2 * kFp32 * s.logits, kept + at_scores, gradients});
    if (pass.optimizer && casts) peak = std::max(peak, gradients + kFp32 * std::min(kAdamWChunk, s.parameters));
  }
  const double moments = pass.optimizer ? 2 * kFp32 * s.parameters : 0;
  const double masters = pass.optimizer && casts ? kFp32 * s.parameters : 0;
  return e * s.parameters + moments + masters + peak;
}

}  // namespace tbench
