#include "analysis/statistics/u_test.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <vector>

namespace tbench {
namespace {

std::vector<double> From(double first, std::size_t count) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

struct FixedTest {
  const char* name;
  std::vector<double> first, second;
  double u, p;
};
void PrintTo(const FixedTest& test, std::ostream* out) { *out << test.name; }

class FixedTests : public testing::TestWithParam<FixedTest> {};

TEST_P(FixedTests, AgreeWithSciPy) {
  const UTest test = MannWhitneyU(GetParam().first, GetParam().second);
  EXPECT_EQ(test.u, GetParam().u);
  EXPECT_NEAR(test.p, GetParam().p, 1e-12 * GetParam().p);
  const UTest reverse = MannWhitneyU(GetParam().second, GetParam().first);
  EXPECT_EQ(test.u + reverse.u, double(GetParam().first.size() * GetParam().second.size()));
  EXPECT_EQ(test.p, reverse.p);
}

// The expected numbers are SciPy 1.15's.
INSTANTIATE_TEST_SUITE_P(
    All, FixedTests,
    testing::Values(FixedTest{"OneAgainstOne", {1}, {2}, 0, 1},
                    FixedTest{"Exact", {3, 7, 1, 9}, {4, 2, 11, 6, 8}, 8, 0.7301587301587302},
                    FixedTest{"ExactFewAgainstMany", {0.5, 12.5}, From(1, 12), 12, 1},
                    FixedTest{"ExactEightAgainstNine", From(1.5, 8), From(4, 9), 15, 0.046400658165364046},
                    FixedTest{"TiesMakeItNormal", {1, 2, 2, 3}, {2, 3, 4, 5}, 2.5, 0.1366582477381475},
                    FixedTest{"Normal", From(1, 10), From(4.5, 12), 21, 0.011129227614007952},
                    FixedTest{"NormalWithTies",
                              {5, 5, 5, 6, 6, 7, 8, 8, 9, 9},
                              {5, 7, 7, 8, 8, 9, 9, 9, 10, 10},
                              26.5,
                              0.07680941554249215},
                    FixedTest{"AllEqual", std::vector<double>(10, 3), std::vector<double>(10, 3), 50, 1}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(MannWhitneyU, OfAnEmptySampleIsNaN) {
  EXPECT_TRUE(std::isnan(MannWhitneyU({}, std::vector<double>{1, 2}).p));
  EXPECT_TRUE(std::isnan(MannWhitneyU(std::vector<double>{1, 2}, {}).u));
}

TEST(MinimumP, IsThatOfSamplesFullyApart) {
  EXPECT_DOUBLE_EQ(MinimumP(3, 3), 0.1);
  EXPECT_DOUBLE_EQ(MinimumP(4, 4), 1 / 35.0);
  EXPECT_DOUBLE_EQ(MinimumP(5, 5), 1 / 126.0);
  EXPECT_NEAR(MinimumP(8, 8), 0.000155, 5e-7);
  EXPECT_NEAR(MinimumP(9, 9), 0.000412, 5e-7);
  EXPECT_NEAR(MinimumP(10, 10), 0.000183, 5e-7);
  EXPECT_DOUBLE_EQ(MinimumP(1, 100), 2 / 101.0);
}

}  // namespace
}  // namespace tbench
