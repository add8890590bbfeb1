#include "analysis/statistics/statistics.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace tbench {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double Mean(std::span<const double> values) {
  if (values.empty()) return kNaN;
  return std::accumulate(values.begin(), values.end(), 0.0) / double(values.size());
}

double SampleDeviation(std::span<const double> values) {
  if (values.size() < 2) return kNaN;
  const double mean = Mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / double(values.size() - 1));
}

double Quantile(std::span<const double> values, double q) {
  if (values.empty()) return kNaN;
  std::vector<double> sorted(values.begin(), values.end());
  std::ranges::sort(sorted);
  const double rank = q * double(sorted.size() - 1);
  const auto below = std::size_t(rank);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double fraction = rank - double(below);
  // From the nearer end, as NumPy does: equal values then interpolate to themselves.
  const double step = sorted[above] - sorted[below];
  return fraction < 0.5 ? sorted[below] + step * fraction : sorted[above] - step * (1 - fraction);
}

double Median(std::span<const double> values) { return Quantile(values, 0.5); }

std::string Rounded(double value) {
  if (std::isnan(value)) return "nan";  // its sign says nothing
  if (!std::isfinite(value)) return fmt::format("{}", value);
  std::string text = fmt::format("{:.2f}", std::rint(value * 100) / 100);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

}  // namespace tbench
