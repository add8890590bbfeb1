#include "analysis/verdicts/launch_bound.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

Bound ByIdleShare(double idle, std::optional<double> enqueue) {
  if (idle <= kIdleOfGpuBound) return Bound::kGpu;
  const bool host_is_busy = enqueue.value_or(1) >= kEnqueueOfGpuBound;
  return idle >= kIdleOfLaunchBound && host_is_busy ? Bound::kLaunch : Bound::kMixed;
}

Bound ByEnqueueShare(double enqueue) {
  if (enqueue < kEnqueueOfGpuBound) return Bound::kGpu;
  return enqueue >= kEnqueueOfLaunchBound ? Bound::kLaunch : Bound::kMixed;
}

}  // namespace

std::string_view ToString(Bound bound) {
  switch (bound) {
    case Bound::kGpu:
      return "GPU-bound";
    case Bound::kMixed:
      return "mixed";
    case Bound::kLaunch:
      return "launch-bound";
  }
  return "";
}

std::optional<double> IdleShare(const Record& record) {
  const std::optional<double> busy = LastOf(record, counters::kProfileBusy);
  if (!busy) return std::nullopt;
  const double median_us = MedianTimeUs(record);
  const double step_us = std::min(median_us, LastOf(record, counters::kProfileSpan).value_or(median_us));
  return std::max(0.0, 1 - *busy / step_us);
}

std::optional<LaunchVerdict> LaunchBound(const Record& record, const Machine& machine) {
  if (record.error || record.trials.empty() || !machine.is_gpu) return std::nullopt;
  std::optional<double> enqueue = MedianOf(record, counters::kEnqueue);
  const std::optional<double> idle = IdleShare(record);
  if (!enqueue && !idle) return std::nullopt;
  if (enqueue) enqueue = *enqueue / MedianTimeUs(record);
  LaunchVerdict verdict{.enqueue_share = enqueue,
                        .idle_share = idle,
                        .bound = idle ? ByIdleShare(*idle, enqueue) : ByEnqueueShare(*enqueue),
                        .sentence = {}};
  std::vector<std::string> reasons;
  if (enqueue) reasons.push_back(fmt::format("enqueueing takes {} of the step", Percent(*enqueue)));
  if (idle) reasons.push_back(fmt::format("the GPU is idle {}", Percent(*idle)));
  verdict.sentence = Enumeration(reasons);
  return verdict;
}

}  // namespace tbench
