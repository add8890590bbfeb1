#include "analysis/verdicts/agreement.h"

#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

Case WithWarmUps(std::int64_t warmups) { return {.model = "small", .context = 128, .warmups = warmups}; }

TEST(Agreement, IsOfProcessesWhoseMediansAreWithinFivePercent) {
  const auto agreement =
      Agreement({TestRecord(WithWarmUps(1), {10, 10, 10}), TestRecord(WithWarmUps(5), {10.4, 10.4})});
  ASSERT_TRUE(agreement);
  EXPECT_FALSE(agreement->disagree);
  EXPECT_EQ(agreement->low, 10'000);
  EXPECT_EQ(agreement->high, 10'400);
}

TEST(Agreement, IsNotOfProcessesFartherApartHoweverSteadyEachIs) {
  const auto agreement =
      Agreement({TestRecord(WithWarmUps(1), {10, 10, 10}), TestRecord(WithWarmUps(5), {15, 15, 15})});
  ASSERT_TRUE(agreement);
  EXPECT_TRUE(agreement->disagree);
  EXPECT_EQ(agreement->sentence, "10.00 to 15.00 ms");
}

TEST(Agreement, LeavesTheColdTrialOut) {
  const auto agreement =
      Agreement({TestRecord(WithWarmUps(0), {500, 10, 10}), TestRecord(WithWarmUps(5), {10, 10, 10})});
  ASSERT_TRUE(agreement);
  EXPECT_EQ(agreement->high, 10'000);
}

TEST(Agreement, TakesTwoGoodCases) {
  EXPECT_FALSE(Agreement({TestRecord(WithWarmUps(1), {10, 10})}));
  EXPECT_FALSE(Agreement({TestRecord(WithWarmUps(1), {10, 10}), FailedTestRecord(WithWarmUps(5), "crashed: it")}));
  EXPECT_FALSE(Agreement({TestRecord(WithWarmUps(0), {500}), TestRecord(WithWarmUps(5), {10})})) << "only a cold trial";
}

}  // namespace
}  // namespace tbench
