#include "analysis/verdicts/robust.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <queue>

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

// The sum of absolute deviations from their median, of values that come one by one: O(log n) each.
class RunningDeviations {
 public:
  // The sum with that value.
  double Add(double value) {
    if (lower_.empty() || value <= lower_.top()) {
      lower_.push(value);
      lower_sum_ += value;
    } else {
      upper_.push(value);
      upper_sum_ += value;
    }
    if (lower_.size() > upper_.size() + 1) Move(lower_, lower_sum_, upper_, upper_sum_);
    if (upper_.size() > lower_.size()) Move(upper_, upper_sum_, lower_, lower_sum_);
    const double middle = lower_.size() > upper_.size() ? lower_.top() : 0;  // of an odd number: it deviates by 0
    return std::max(0.0, upper_sum_ - (lower_sum_ - middle));
  }

 private:
  template <class From, class To>
  static void Move(From& from, double& from_sum, To& to, double& to_sum) {
    const double value = from.top();
    from.pop();
    to.push(value);
    from_sum -= value;
    to_sum += value;
  }

  std::priority_queue<double> lower_;
  std::priority_queue<double, std::vector<double>, std::greater<>> upper_;
  double lower_sum_ = 0, upper_sum_ = 0;
};

// The sum for the first 1, 2, … values.
template <class Iterator>
std::vector<double> SumsOfDeviations(Iterator first, Iterator last, double center) {
  RunningDeviations running;
  std::vector<double> sums;
  for (; first != last; ++first) sums.push_back(running.Add(*first - center));  // small numbers round less
  return sums;
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
  if (values.size() < 2 * kLevelLength) return std::nullopt;
  const double median = Median(values);
  const std::vector<double> before = SumsOfDeviations(values.begin(), values.end(), median);
  const std::vector<double> after = SumsOfDeviations(values.rbegin(), values.rend(), median);
  const double around_one_level = before.back();
  if (around_one_level == 0) return std::nullopt;
  std::size_t split = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = kLevelLength; i + kLevelLength <= values.size(); ++i) {
    const double sum = before[i - 1] + after[values.size() - i - 1];
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
