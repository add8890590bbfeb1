#include "analysis/verdicts/warm_up.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

const Case kCold{.model = "small", .context = 128, .warmups = 0};

TEST(WarmUp, TellsTheFirstStepsCostAndHowManyAreEnough) {
  const auto verdict = WarmUp(TestRecord(kCold, {700, 40.5, 40, 39, 41, 40, 40, 40, 40, 40}, {{"steps_before", 0}}));
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->start, Start::kCold);
  EXPECT_DOUBLE_EQ(verdict->steady_us, 40'000);
  EXPECT_DOUBLE_EQ(verdict->first_step_cost_us, 660'000);
  EXPECT_EQ(verdict->enough, 1);
  EXPECT_EQ(verdict->sentence, "1 is enough: trial 2 is within 2 % of steady");
}

TEST(WarmUp, CountsUpToTheLastSlowTrial) {
  const auto verdict = WarmUp(TestRecord(kCold, {700, 80, 40, 60, 41, 40, 40, 40, 40, 40}));
  EXPECT_EQ(verdict->enough, 4);
  EXPECT_EQ(verdict->sentence, "4 are enough: trial 5 is within 3 % of steady");
}

TEST(WarmUp, IsOverWhereTrialsAreFaster) {
  EXPECT_EQ(WarmUp(TestRecord(kCold, {700, 35, 40, 40, 40, 40}))->sentence,
            "1 is enough: trial 2 is not slower than steady");
}

TEST(WarmUp, OfNoneIsEnoughWhereTheFirstTrialIsSteady) {
  EXPECT_EQ(WarmUp(TestRecord(kCold, {40.5, 40, 40, 40, 40, 40}))->sentence,
            "0 are enough: trial 1 is within 2 % of steady");
}

TEST(WarmUp, DoesNotTakeScatterOrALateSlowTrialForIt) {
  EXPECT_EQ(WarmUp(TestRecord(kCold, {700, 48, 40, 48, 40, 48, 40, 48, 40, 48}))->enough, 1);
  EXPECT_EQ(WarmUp(TestRecord(kCold, {700, 40, 40, 40, 40, 40, 40, 90, 40, 40}))->enough, 1);
}

TEST(WarmUp, SaysSoWhereTrialsDoNotSettle) {
  const auto verdict = WarmUp(TestRecord(kCold, {700, 80, 70, 60, 50, 40, 40, 40, 40, 40}));
  EXPECT_FALSE(verdict->enough);
  EXPECT_EQ(verdict->sentence, "4 are too few: trial 5 is 25 % slower than steady");
}

TEST(WarmUp, SaysWhetherACaseWasCold) {
  const std::vector<double> times{700, 40, 40, 40};
  EXPECT_EQ(WarmUp(TestRecord(kCold, times))->start, Start::kUnknown);
  const auto warm = WarmUp(TestRecord(kCold, times, {{"steps_before", 15}}));
  EXPECT_EQ(warm->start, Start::kNotCold);
  EXPECT_NE(warm->sentence.find("the first trial was not cold"), std::string::npos);
  Case graph = kCold;
  graph.launch = Launch::kGraph;
  EXPECT_EQ(WarmUp(TestRecord(graph, times, {{"steps_before", 0}}))->start, Start::kNotCold);
}

TEST(WarmUp, NeedsACaseWithoutWarmUpsAndFourTrials) {
  EXPECT_FALSE(WarmUp(TestRecord(kCold, {700, 40, 40})));
  EXPECT_FALSE(WarmUp(FailedTestRecord(kCold, "failed: x")));
  Case warm = kCold;
  warm.warmups = 1;
  EXPECT_FALSE(WarmUp(TestRecord(warm, {700, 40, 40, 40})));
}

TEST(WarmUp, OfTheReferenceCostsHalfASecondAndOneIsEnough) {
  std::vector<double> costs_s;
  for (const Record& record : ReferenceRecords()) {
    const auto verdict = WarmUp(record);
    ASSERT_EQ(verdict.has_value(), record.c.warmups == 0);
    if (!verdict) continue;
    EXPECT_EQ(verdict->enough, 1) << CaseName(record.c);
    EXPECT_LT(record.trials[1].time_us / verdict->steady_us, 1.04) << CaseName(record.c);
    costs_s.push_back(verdict->first_step_cost_us * 1e-6);
  }
  EXPECT_EQ(costs_s.size(), 20);
  EXPECT_NEAR(std::ranges::min(costs_s), 0.42, 0.005);
  EXPECT_NEAR(std::ranges::max(costs_s), 0.96, 0.005);
}

TEST(WarmUp, OfThePublishedRunWasColdAndTwoAreEnough) {
  std::size_t one_is_enough = 0;
  for (const Record& record : PublishedRecords()) {
    const auto verdict = WarmUp(record);
    if (!verdict) continue;
    EXPECT_EQ(verdict->start, Start::kCold);
    EXPECT_LE(verdict->enough, 2) << CaseName(record.c);
    one_is_enough += verdict->enough == 1 ? 1 : 0;
  }
  EXPECT_EQ(one_is_enough, 18);
}

}  // namespace
}  // namespace tbench
