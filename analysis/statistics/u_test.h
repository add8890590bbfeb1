#pragma once

#include <cstddef>
#include <span>

namespace tbench {

struct UTest {
  double u;  // pairs in which the value of the first sample is the larger one, ties counted as half
  double p;
};

// The two-sided Mann-Whitney U test of two samples of finite values, with U and p as
// scipy.stats.mannwhitneyu(first, second) gives them: p is exact if one sample has at most 8 values and no two values
// are equal; else it is the normal approximation with corrections for ties and continuity. Both are NaN for an empty
// sample.
UTest MannWhitneyU(std::span<const double> first, std::span<const double> second);

// The least p that samples of these sizes can have: that of two samples fully apart.
double MinimumP(std::size_t first, std::size_t second);

}  // namespace tbench
