#include "analysis/statistics/statistics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace tbench {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// The expected numbers are NumPy 2.2's: mean, std(ddof=1), quantile.
const std::vector<double> kTrials{
    927.3464530124329, 108.4002930438146, 112.1595100266859, 108.83846302749589, 3.5, 0.001, 41.25};
const std::vector<double> kFarFromZero{1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};

TEST(Statistics, AgreeWithNumPy) {
  EXPECT_DOUBLE_EQ(Mean(kTrials), 185.92795987291848);
  EXPECT_DOUBLE_EQ(SampleDeviation(kTrials), 330.62491407278026);
}

TEST(Statistics, LoseNoDigitsToALargeOffset) {
  EXPECT_EQ(Mean(kFarFromZero), 1000000010.0);
  EXPECT_DOUBLE_EQ(SampleDeviation(kFarFromZero), 5.477225575051661);
}

TEST(Statistics, OfEqualValuesHaveNoDeviation) {
  const std::vector<double> equal(10, 0.5);
  EXPECT_EQ(Mean(equal), 0.5);
  EXPECT_EQ(SampleDeviation(equal), 0);
}

TEST(Statistics, OfTooFewValuesAreNaN) {
  const std::vector<double> none, one{3};
  EXPECT_TRUE(std::isnan(Mean(none)));
  EXPECT_TRUE(std::isnan(Quantile(none, 0.5)));
  EXPECT_TRUE(std::isnan(SampleDeviation(none)));
  EXPECT_TRUE(std::isnan(SampleDeviation(one)));
  EXPECT_EQ(Mean(one), 3);
  EXPECT_EQ(Quantile(one, 0.75), 3);
}

TEST(Quantile, InterpolatesLinearlyBetweenTheClosestRanks) {
  EXPECT_EQ(Quantile(kTrials, 0), 0.001);
  EXPECT_DOUBLE_EQ(Quantile(kTrials, 0.1), 2.1004000000000005);
  EXPECT_EQ(Quantile(kTrials, 0.25), 22.375);
  EXPECT_DOUBLE_EQ(Quantile(kTrials, 0.333), 41.17450000000001);
  EXPECT_EQ(Quantile(kTrials, 0.5), 108.4002930438146);
  EXPECT_DOUBLE_EQ(Quantile(kTrials, 0.75), 110.49898652709089);
  EXPECT_DOUBLE_EQ(Quantile(kTrials, 0.9), 438.234287220985);
  EXPECT_EQ(Quantile(kTrials, 1), 927.3464530124329);
  EXPECT_EQ(Quantile(kFarFromZero, 0.25), 1000000006.25);
  EXPECT_EQ(Quantile(kFarFromZero, 0.75), 1000000013.75);
}

struct RoundedNumber {
  double value;
  const char* text;
};
void PrintTo(const RoundedNumber& rounded, std::ostream* out) { *out << rounded.text; }

class RoundedNumbers : public testing::TestWithParam<RoundedNumber> {};

TEST_P(RoundedNumbers, ArePrintedAsNumPyRoundsThem) { EXPECT_EQ(Rounded(GetParam().value), GetParam().text); }

INSTANTIATE_TEST_SUITE_P(
    All, RoundedNumbers,
    testing::Values(RoundedNumber{558.535, "558.54"}, RoundedNumber{38.0, "38"}, RoundedNumber{105.10, "105.1"},
                    RoundedNumber{0.005, "0"}, RoundedNumber{0.015, "0.02"}, RoundedNumber{0.025, "0.02"},
                    RoundedNumber{0.285, "0.28"}, RoundedNumber{1.005, "1"}, RoundedNumber{2.675, "2.68"},
                    RoundedNumber{99.995, "100"}, RoundedNumber{100, "100"}, RoundedNumber{0.0, "0"},
                    RoundedNumber{-0.0, "0"}, RoundedNumber{-0.001, "0"}, RoundedNumber{-1.25, "-1.25"},
                    RoundedNumber{12345.678, "12345.68"}, RoundedNumber{1234567.891, "1234567.89"},
                    RoundedNumber{123456789012.345, "123456789012.34"}, RoundedNumber{1e15, "1000000000000000"},
                    RoundedNumber{1e20, "100000000000000000000"}, RoundedNumber{kNaN, "nan"},
                    RoundedNumber{-kNaN, "nan"}));

}  // namespace
}  // namespace tbench
