#include "analysis/verdicts/spread.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "analysis/read/trials.h"
#include "analysis/statistics/statistics.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {
namespace {

// Beyond so many outliers a sentence names only the farthest.
constexpr std::size_t kMostOutliers = 10;
constexpr std::ptrdiff_t kFarthestOutliers = 3;

std::string Sentence(const SpreadVerdict& spread, const std::vector<double>& times) {
  std::vector<std::string> parts;
  if (spread.shift) {
    parts.push_back(fmt::format("from {} to {} ms at trial {}", Milliseconds(spread.shift->before),
                                Milliseconds(spread.shift->after), spread.shift->index + 1));
  }
  if (spread.unsteady) {
    parts.push_back(fmt::format("half of the trials between {} and {} ms", Milliseconds(spread.quartiles.first),
                                Milliseconds(spread.quartiles.second)));
  }
  std::vector<std::size_t> named = spread.outliers;
  if (named.size() > kMostOutliers) {
    const auto farthest = named.begin() + kFarthestOutliers;
    std::ranges::partial_sort(named, farthest, std::greater<>{},
                              [&](std::size_t i) { return std::abs(times[i] - spread.median.median); });
    named.erase(farthest, named.end());
    parts.push_back(
        fmt::format("{} of {} trials are outliers, of which the farthest", spread.outliers.size(), times.size()));
  }
  std::vector<std::string> trials;
  for (const std::size_t i : named) trials.push_back(fmt::format("trial {} took {} ms", i + 1, Milliseconds(times[i])));
  if (named.size() < spread.outliers.size()) {
    parts.back() += fmt::format(" are: {}", Enumeration(trials));
  } else {
    parts.insert(parts.end(), trials.begin(), trials.end());
  }
  return Enumeration(parts);
}

}  // namespace

std::optional<SpreadVerdict> Spread(const Record& record) {
  if (record.error || record.trials.empty()) return std::nullopt;
  const std::vector<double> times = TimesUs(record);
  const std::size_t first = record.c.warmups == 0 ? 1 : 0;
  SpreadVerdict verdict{.median = MedianWithInterval(times),
                        .mean = Mean(times),
                        .deviation = times.size() == 1 ? 0 : SampleDeviation(times),
                        .low = std::ranges::min(times),
                        .high = std::ranges::max(times),
                        .outliers = Outliers(times),
                        .shift = FindLevelShift(std::span(times).subspan(first)),
                        .quartiles = {},
                        .unsteady = false,
                        .sentence = {}};
  const std::span<const double> warm = std::span(times).subspan(std::min(first, times.size() - 1));
  verdict.quartiles = {Quantile(warm, 0.25), Quantile(warm, 0.75)};
  const double median = verdict.median.median;
  std::erase_if(verdict.outliers,
                [&](std::size_t i) { return i < first || std::abs(times[i] - median) < kOutlierShare * median; });
  if (verdict.shift) {
    verdict.shift->index += first;
    verdict.outliers.clear();
  } else if (times.size() - first >= kUnsteadyTrials) {
    const auto& [low, high] = verdict.quartiles;
    verdict.unsteady = high - low > kUnsteadyQuartiles * median;
    if (verdict.unsteady) verdict.outliers.clear();
  }
  verdict.sentence = Sentence(verdict, times);
  return verdict;
}

}  // namespace tbench
