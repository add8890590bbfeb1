#include "benchmarks/sweep/plan.h"

#include <algorithm>

#include "model/spec/work.h"

namespace tbench {
namespace {

// Of a process: start, loading LibTorch, building the model.
constexpr double kProcessSeconds = 1.5;
// Of FP32 matrix products, within a small factor for today's devices.
constexpr double kGpuFlopsPerSecond = 3e13;
constexpr double kCpuFlopsPerSecond = 1e11;

}  // namespace

double PredictSeconds(const Case& c, const ModelConfig& config, std::int64_t trials, bool on_gpu) {
  const double flops = StepFlops(SpecOf(c, config), AttentionPairs::kAll);
  const double speed = on_gpu ? kGpuFlopsPerSecond : kCpuFlopsPerSecond;
  return kProcessSeconds + flops * double(c.warmups + trials) / speed;
}

std::optional<double> SecondsLeft(const Pace& pace, const Outstanding& outstanding) {
  if (pace.predicted <= 0) return std::nullopt;
  const double scale = pace.measured / pace.predicted;
  // A case that takes longer than predicted is about to end, for all that is known.
  const double running = std::max(scale * outstanding.running - outstanding.running_elapsed, 0.0);
  return running + scale * outstanding.waiting;
}

}  // namespace tbench
