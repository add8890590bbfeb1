#include "analysis/verdicts/warm_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "analysis/read/trials.h"
#include "analysis/statistics/statistics.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/robust.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

constexpr std::size_t kMinTrials = 4;

Start StartOf(const Record& record) {
  const std::optional<double> steps_before = FirstOf(record, counters::kStepsBefore);
  if (!steps_before) return Start::kUnknown;
  return *steps_before == 0 && record.c.launch == Launch::kEager ? Start::kCold : Start::kNotCold;
}

// "trial 2 is within 2 % of steady", "trial 2 is not slower than steady".
std::string Closeness(std::size_t trial, double excess) {
  if (excess <= 0) return fmt::format("trial {} is not slower than steady", trial + 1);
  return fmt::format("trial {} is within {:.0f} % of steady", trial + 1, std::ceil(100 * excess));
}

}  // namespace

std::optional<WarmUpVerdict> WarmUp(const Record& record) {
  if (record.error || record.c.warmups != 0 || record.trials.size() < kMinTrials) return std::nullopt;
  const std::vector<double> times = TimesUs(record);
  const std::size_t half = times.size() / 2;
  const std::span<const double> others = std::span(times).subspan(1);
  const double steady = Median(others);
  const double slowest_steady =
      std::max(steady * (1 + kWarmTolerance), UpperOutlierBound(std::span(times).subspan(half)));

  std::size_t slow = 0;  // trials up to the last slow one
  for (std::size_t i = 0; i < half; ++i) {
    if (times[i] > slowest_steady) slow = i + 1;
  }
  WarmUpVerdict verdict{.start = StartOf(record),
                        .steady_us = steady,
                        .first_step_cost_us = times.front() - steady,
                        .enough = slow < half ? std::optional(slow) : std::nullopt,
                        .sentence = {}};
  verdict.sentence = verdict.enough ? fmt::format("{} {} enough: {}", slow, slow == 1 ? "is" : "are",
                                                  Closeness(slow, times[slow] / steady - 1))
                                    : fmt::format("{} are too few: trial {} is {} slower than steady", half - 1, half,
                                                  Percent(times[half - 1] / steady - 1));
  if (verdict.start == Start::kNotCold) verdict.sentence += "; the first trial was not cold";
  return verdict;
}

}  // namespace tbench
