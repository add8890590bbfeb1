#pragma once

#include <span>
#include <string>

namespace tbench {

// NaN for no values.
double Mean(std::span<const double> values);

// With n − 1; NaN for fewer than two values.
double SampleDeviation(std::span<const double> values);

// The q-th quantile, 0 ≤ q ≤ 1, by linear interpolation between the closest ranks: NumPy's default. NaN for no values.
double Quantile(std::span<const double> values, double q);

double Median(std::span<const double> values);

// To two decimals as NumPy rounds, rint(100·value)/100, then the shortest text: 38, 105.1, 558.54, nan.
std::string Rounded(double value);

}  // namespace tbench
