#include "analysis/statistics/u_test.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <vector>

namespace tbench {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
// SciPy's bound: with more values than this in both samples the normal approximation is good.
constexpr std::size_t kLargestExactSample = 8;

struct Ranking {
  double first_rank_sum = 0;  // of the first sample's values among all, the smallest being 1; equal values share a rank
  double tie_term = 0;        // the sum of t^3 - t over groups of t equal values
};

Ranking Rank(std::span<const double> first, std::span<const double> second) {
  struct Value {
    double value;
    bool in_first;
  };
  std::vector<Value> values;
  values.reserve(first.size() + second.size());
  for (const double value : first) values.push_back({value, true});
  for (const double value : second) values.push_back({value, false});
  std::ranges::sort(values, {}, &Value::value);

  Ranking ranking;
  for (std::size_t begin = 0, end = 0; begin < values.size(); begin = end) {
    std::size_t of_first = 0;
    for (; end < values.size() && values[end].value == values[begin].value; ++end) {
      of_first += values[end].in_first ? 1 : 0;
    }
    const double shared_rank = double(begin + 1 + end) / 2;
    const double equal = double(end - begin);
    ranking.first_rank_sum += double(of_first) * shared_rank;
    ranking.tie_term += equal * equal * equal - equal;
  }
  return ranking;
}

// The share of all ways to deal small + large ranks in which U is at most `u`. The number of ways for each U are the
// coefficients of the Gaussian binomial, the product over i of (1 - q^(large + i)) / (1 - q^i)
// (Mann and Whitney 1947; Loeffler 1983).
double ExactShare(std::size_t small, std::size_t large, std::size_t u) {
  std::vector<double> ways(u + 1, 0.0);
  ways[0] = 1;
  double all = 1;
  for (std::size_t i = 1; i <= small; ++i) {
    for (std::size_t k = u; k >= large + i; --k) ways[k] -= ways[k - large - i];
    for (std::size_t k = i; k <= u; ++k) ways[k] += ways[k - i];
    all = all * double(large + i) / double(i);
  }
  return std::accumulate(ways.begin(), ways.end(), 0.0) / all;
}

// The upper tail beyond `u`, the larger of the two samples' U.
double NormalTail(double u, double n1, double n2, double tie_term) {
  const double n = n1 + n2;
  const double deviation = std::sqrt(n1 * n2 / 12 * ((n + 1) - tie_term / (n * (n - 1))));
  const double z = (u - n1 * n2 / 2 - 0.5) / deviation;  // -infinity where all values are equal
  return std::erfc(z / std::numbers::sqrt2) / 2;
}

}  // namespace

UTest MannWhitneyU(std::span<const double> first, std::span<const double> second) {
  if (first.empty() || second.empty()) return {.u = kNaN, .p = kNaN};
  const Ranking ranking = Rank(first, second);
  const double n1 = double(first.size()), n2 = double(second.size());
  const double u = ranking.first_rank_sum - n1 * (n1 + 1) / 2;
  const double larger = std::max(u, n1 * n2 - u);
  const std::size_t small = std::min(first.size(), second.size()), large = std::max(first.size(), second.size());
  const double tail = small <= kLargestExactSample && ranking.tie_term == 0
                          ? ExactShare(small, large, std::size_t(n1 * n2 - larger))
                          : NormalTail(larger, n1, n2, ranking.tie_term);
  return {.u = u, .p = std::min(2 * tail, 1.0)};
}

double MinimumP(std::size_t first, std::size_t second) {
  std::vector<double> ranks(first + second);
  std::iota(ranks.begin(), ranks.end(), 0.0);
  const std::span<const double> all(ranks);
  return MannWhitneyU(all.first(first), all.subspan(first)).p;
}

}  // namespace tbench
