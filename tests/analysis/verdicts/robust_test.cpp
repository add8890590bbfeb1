#include "analysis/verdicts/robust.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <random>
#include <span>

#include "analysis/statistics/statistics.h"
#include "analysis/verdicts/thresholds.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// 1 … n in an order that is not sorted.
std::vector<double> Shuffled(int n) {
  std::vector<double> values(static_cast<std::size_t>(n));
  std::iota(values.begin(), values.end(), 1);
  std::ranges::reverse(values);
  std::rotate(values.begin(), values.begin() + n / 3, values.end());
  return values;
}

struct KnownInterval {
  int n;
  double low, high, coverage;
};
void PrintTo(const KnownInterval& known, std::ostream* out) { *out << known.n; }

class MedianIntervals : public testing::TestWithParam<KnownInterval> {};

TEST_P(MedianIntervals, AreTheTablesOrderStatistics) {
  const MedianInterval interval = MedianWithInterval(Shuffled(GetParam().n));
  EXPECT_EQ(interval.median, (GetParam().n + 1) / 2.0);
  EXPECT_EQ(interval.low, GetParam().low);
  EXPECT_EQ(interval.high, GetParam().high);
  EXPECT_NEAR(interval.coverage, GetParam().coverage, 1e-12);
}

// scipy.stats.binom(n, 0.5): 1 − 2·cdf(k − 1), with the largest k that leaves 0.95.
INSTANTIATE_TEST_SUITE_P(All, MedianIntervals,
                         testing::Values(KnownInterval{1, 1, 1, 0}, KnownInterval{2, 1, 2, 0.5},
                                         KnownInterval{5, 1, 5, 0.9375}, KnownInterval{6, 1, 6, 0.96875},
                                         KnownInterval{8, 1, 8, 0.9921875}, KnownInterval{9, 2, 8, 0.9609375},
                                         KnownInterval{10, 2, 9, 0.978515625}, KnownInterval{20, 6, 15, 0.958610534667},
                                         KnownInterval{100, 40, 61, 0.964799799782}));

TEST(MedianInterval, OfNothingIsNaN) {
  EXPECT_TRUE(std::isnan(MedianWithInterval({}).median));
  EXPECT_EQ(MedianWithInterval({}).coverage, 0);
}

TEST(MedianInterval, CoversTheTrueMedianAsOftenAsItSays) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> skewed(1);
  int covered = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::vector<double> values(10);
    for (double& value : values) value = skewed(random);
    const MedianInterval interval = MedianWithInterval(values);
    covered += interval.low <= std::log(2.0) && std::log(2.0) <= interval.high ? 1 : 0;
  }
  EXPECT_NEAR(covered / 10'000.0, 0.9785, 0.006);  // four deviations of that share
}

TEST(ModifiedZScores, AreThoseOfTheFormula) {
  // Median 3, MAD 1.
  EXPECT_THAT(ModifiedZScores(std::vector<double>{1, 2, 3, 4, 100}),
              ElementsAre(-2 * 0.6745, -0.6745, 0, 0.6745, 97 * 0.6745));
}

TEST(ModifiedZScores, UseTheMeanDeviationWhereMostValuesAreEqual) {
  // Median 5, MAD 0, mean absolute deviation 1.
  const std::vector<double> scores = ModifiedZScores(std::vector<double>{5, 5, 5, 5, 10});
  EXPECT_EQ(scores[0], 0);
  EXPECT_NEAR(scores[4], 5 * 0.797884560803, 1e-11);
  EXPECT_THAT(ModifiedZScores(std::vector<double>{5, 5, 5}), ElementsAre(0, 0, 0));
}

TEST(Outliers, AreNamedByIndex) {
  EXPECT_THAT(Outliers(std::vector<double>{9.4, 7.0, 7.1, 6.9, 7.0, 7.1, 2.0}), ElementsAre(0, 6));
  EXPECT_THAT(Outliers(std::vector<double>{7.0, 7.1, 6.9, 7.0, 7.1}), IsEmpty());
  EXPECT_THAT(Outliers({}), IsEmpty());
}

TEST(Outliers, AreWhatIsAboveTheBound) {
  const std::vector<double> values{1, 2, 3, 4, 5};
  EXPECT_NEAR(UpperOutlierBound(values), 3 + 3.5 / 0.6745, 1e-12);
  EXPECT_EQ(UpperOutlierBound(std::vector<double>{5, 5, 5}), 5);
}

TEST(LevelShift, IsFoundWhereTheReferenceHasIt) {
  const auto shift =
      FindLevelShift(std::vector<double>{114.7, 114.6, 114.2, 113.7, 88.6, 78.1, 78.2, 78.2, 79.2, 78.8});
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->index, 4);
  EXPECT_NEAR(shift->before, 114.4, 1e-9);
  EXPECT_NEAR(shift->after, 78.5, 1e-9);
}

TEST(LevelShift, IsFoundUpwardsAndAtTheEdges) {
  EXPECT_EQ(FindLevelShift(std::vector<double>{5, 5, 5, 6, 6, 6})->index, 3);
  EXPECT_EQ(FindLevelShift(std::vector<double>{5, 5, 5, 5, 5, 5, 5, 6, 6, 6})->index, 7);
}

struct Steady {
  const char* name;
  std::vector<double> values;
};
void PrintTo(const Steady& steady, std::ostream* out) { *out << steady.name; }

class SteadySeries : public testing::TestWithParam<Steady> {};

TEST_P(SteadySeries, HaveNoLevelShift) { EXPECT_FALSE(FindLevelShift(GetParam().values)); }

INSTANTIATE_TEST_SUITE_P(All, SteadySeries,
                         testing::Values(Steady{"Nothing", {}}, Steady{"AllEqual", std::vector<double>(10, 7)},
                                         Steady{"TooFew", {5, 5, 9, 9, 9}},
                                         Steady{"OneColdTrial", {700, 39, 38, 39, 38, 39, 38, 39, 38, 39}},
                                         Steady{"TwoSlowTrials", {700, 90, 38, 39, 38, 39, 38, 39, 38, 39}},
                                         Steady{"ASmallStep", {100, 100, 100, 100, 100, 104, 104, 104, 104, 104}},
                                         Steady{"Alternating", {100, 120, 100, 120, 100, 120, 100, 120, 100, 120}},
                                         Steady{"ASlowPhase", {43, 43, 43, 60, 60, 60, 43, 43, 43, 43}}),
                         [](const auto& suite) { return suite.param.name; });

// As the rule says it, at a cost that grows with the square of the length.
std::size_t SplitByDefinition(const std::vector<double>& values) {
  const auto deviations = [](std::span<const double> part) {
    double sum = 0;
    for (const double value : part) sum += std::abs(value - Median(part));
    return sum;
  };
  std::size_t best = 0;
  double least = std::numeric_limits<double>::infinity();
  for (std::size_t i = kLevelLength; i + kLevelLength <= values.size(); ++i) {
    const double sum = deviations(std::span(values).first(i)) + deviations(std::span(values).subspan(i));
    if (sum < least) {
      least = sum;
      best = i;
    }
  }
  return best;
}

TEST(LevelShift, IsWhereTheRuleHasIt) {
  std::mt19937 random(1);
  std::normal_distribution<double> noise(0, 1);
  for (std::size_t shift = 5; shift < 95; shift += 7) {
    std::vector<double> values;
    for (std::size_t i = 0; i < 100; ++i) values.push_back((i < shift ? 1000 : 1200) + noise(random));
    const auto found = FindLevelShift(values);
    ASSERT_TRUE(found) << shift;
    EXPECT_EQ(found->index, SplitByDefinition(values));
  }
}

TEST(LevelShift, IsRareInNoise) {
  std::mt19937_64 random(1);
  std::normal_distribution<double> noise(100, 10);
  int found = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::vector<double> values(10);
    for (double& value : values) value = noise(random);
    found += FindLevelShift(values) ? 1 : 0;
  }
  EXPECT_LE(found, 10);
}

}  // namespace
}  // namespace tbench
