#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

// Statistics that one bad trial cannot move. Values are in any unit, in the order they were measured.
namespace tbench {

struct MedianInterval {
  double median, low, high;  // NaN for no values
  double coverage;           // the share of samples whose interval holds the true median
};

// The median and its distribution-free confidence interval, [x(k), x(n+1−k)] of the sorted values: k is the largest
// with coverage 1 − 2·P(Bin(n, 1/2) < k) of at least 95 % (Conover, "Practical Nonparametric Statistics", 3rd
// edition, 3.2). Below 6 values no interval reaches 95 %: it is the whole range, and `coverage` says what that is
// worth.
MedianInterval MedianWithInterval(std::span<const double> values);

// 0.6745·(x − median)/MAD for each value (Iglewicz & Hoaglin, "How to Detect and Handle Outliers", 1993). Where more
// than half of the values are equal, MAD is 0: √(2/π)·(x − median)/(mean absolute deviation). All equal: all 0.
std::vector<double> ModifiedZScores(std::span<const double> values);

// Indices whose modified z-score is beyond ±3.5, as they advise.
std::vector<std::size_t> Outliers(std::span<const double> values);

// The value above which one would be such an outlier.
double UpperOutlierBound(std::span<const double> values);

struct LevelShift {
  std::size_t index;     // of the first value on the new level, counted from 0
  double before, after;  // medians of the values before it, and from it on
};

// Where a series changes its level for good, if it does. Of all splits into two parts of at least 3 values, the best
// one leaves the smallest sum of absolute deviations from the parts' medians. It is a shift if that sum is at most a
// fifth of the same sum around one median, and if the medians differ by at least 5 % of the smaller one. One value,
// however far away, moves no median of three, so that a cold first trial is none.
std::optional<LevelShift> FindLevelShift(std::span<const double> values);

}  // namespace tbench
