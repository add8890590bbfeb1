#include "analysis/verdicts/robust.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "analysis/statistics/statistics.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {
namespace {

constexpr double kNormalMad = 0.6745;  // MAD of a standard normal distribution

std::vector<double> Deviations(std::span<const double> values, double center) {
  std::vector<double> deviations;
  for (const double value : values) deviations.push_back(std::abs(value - center));
  return deviations;
}

// What a deviation of 1 from the median adds to the modified z-score; 0 where all values are equal.
double ScorePerUnit(std::span<const double> values) {
  const std::vector<double> deviations = Deviations(values, Median(values));
  const double mad = Median(deviations), mean = Mean(deviations);
  if (mad > 0) return kNormalMad / mad;
  return mean > 0 ? std::sqrt(2 / std::numbers::pi) / mean : 0;
}

double SumOfDeviations(std::span<const double> values) {
  const std::vector<double> deviations = Deviations(values, Median(values));
  return deviations.empty() ? 0 : Mean(deviations) * double(deviations.size());
}

}  // namespace

MedianInterval MedianWithInterval(std::span<const double> values) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {.median = kNaN, .low = kNaN, .high = kNaN, .coverage = 0};
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const std::size_t n = sorted.size();
  // tail = P(Bin(n, 1/2) < k), grown by one term of the distribution with each k.
  double term = std::pow(0.5, double(n));
  double tail = term;
  std::size_t k = 1;
  while (2 * (k + 1) <= n + 1) {
    term *= double(n - k + 1) / double(k);
    if (1 - 2 * (tail + term) < kMedianCoverage) break;
    tail += term;
    ++k;
  }
  return {.median = Median(values), .low = sorted[k - 1], .high = sorted[n - k], .coverage = 1 - 2 * tail};
}

std::vector<double> ModifiedZScores(std::span<const double> values) {
  const double median = Median(values), scale = ScorePerUnit(values);
  std::vector<double> scores;
  for (const double value : values) scores.push_back(scale * (value - median));
  return scores;
}

std::vector<std::size_t> Outliers(std::span<const double> values) {
  const std::vector<double> scores = ModifiedZScores(values);
  std::vector<std::size_t> outliers;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (std::abs(scores[i]) > kOutlierScore) outliers.push_back(i);
  }
  return outliers;
}

double UpperOutlierBound(std::span<const double> values) {
  const double scale = ScorePerUnit(values);
  return Median(values) + (scale == 0 ? 0 : kOutlierScore / scale);
}

std::optional<LevelShift> FindLevelShift(std::span<const double> values) {
  const double around_one_level = SumOfDeviations(values);
  if (values.size() < 2 * kLevelLength || around_one_level == 0) return std::nullopt;
  std::size_t split = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = kLevelLength; i + kLevelLength <= values.size(); ++i) {
    const double sum = SumOfDeviations(values.first(i)) + SumOfDeviations(values.subspan(i));
    if (sum >= least) continue;
    least = sum;
    split = i;
  }
  const LevelShift shift{.index = split, .before = Median(values.first(split)), .after = Median(values.subspan(split))};
  const double step = std::abs(shift.after - shift.before) / std::min(shift.before, shift.after);
  if (least > kLevelShiftScatter * around_one_level || step < kLevelShiftStep) return std::nullopt;
  return shift;
}

}  // namespace tbench
