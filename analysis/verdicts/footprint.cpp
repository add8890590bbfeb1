#include "analysis/verdicts/footprint.h"

#include <algorithm>

#include "model/spec/work.h"

namespace tbench {
namespace {

constexpr double kFp32 = 4;
constexpr double kAdamWChunk = 1 << 26;  // elements

// Sizes of tensors, in elements.
struct Sizes {
  double width, hidden, logits, scores;  // nd, nf, nV, S
  double parameters, layers;
};

Sizes SizesOf(const Case& c, const ModelConfig& m) {
  const double tokens = double(c.batch) * double(c.context);
  return {.width = tokens * double(m.d_model),
          .hidden = tokens * double(m.d_ff),
          .logits = tokens * double(m.vocab),
          .scores = c.attention == Attention::kNaive ? tokens * double(m.heads) * double(c.context) : 0,
          .parameters = double(ParameterCount(m)),
          .layers = double(m.layers)};
}

}  // namespace

std::optional<double> PredictedPeakBytes(const Case& c, const ModelConfig& config) {
  if (c.kernels == Kernels::kFused) return std::nullopt;
  const bool casts = c.precision == Precision::kBf16;
  const double e = casts ? 2 : kFp32;
  const Sizes s = SizesOf(c, config);

  const double norm = (2 * kFp32 + e) * s.width;
  const double swiglu = 4 * e * s.hidden;
  const double kept_scores = (casts ? kFp32 + e : kFp32) * s.scores;
  const double layer = 2 * norm + 4 * e * s.width + swiglu + kept_scores;
  const double kept = s.layers * layer + norm + kFp32 * s.logits;

  // The layer's second norm and SwiGLU do not exist while its scores do.
  const double at_scores = 3 * kFp32 * s.scores - kept_scores - swiglu - 2 * norm - kFp32 * s.logits;
  double peak = kept + std::max((casts ? e + kFp32 : e) * s.logits, at_scores);
  if (c.pass != Pass::kForward) {
    const double gradients = e * s.parameters;
    peak = std::max({peak, kept + 2 * kFp32 * s.logits, kept + at_scores, gradients});
    if (c.pass == Pass::kTrainStep && casts) {
      peak = std::max(peak, gradients + kFp32 * std::min(kAdamWChunk, s.parameters));
    }
  }
  const double moments = c.pass == Pass::kTrainStep ? 2 * kFp32 * s.parameters : 0;
  const double masters = c.pass == Pass::kTrainStep && casts ? kFp32 * s.parameters : 0;
  return e * s.parameters + moments + masters + peak;
}

}  // namespace tbench
