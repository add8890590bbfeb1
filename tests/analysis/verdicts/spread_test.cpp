#include "analysis/verdicts/spread.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const Case kWarm{.model = "small", .context = 128, .warmups = 5};
const Case kCold{.model = "small", .context = 128, .warmups = 0};

TEST(Spread, HasTheMedianBesideTheMean) {
  const auto spread = Spread(TestRecord(kWarm, {10, 10.4, 10.2, 10, 10.2, 10.4, 10.2, 10, 10.2, 22}));
  ASSERT_TRUE(spread);
  EXPECT_EQ(spread->median.median, 10'200);
  EXPECT_EQ(spread->median.low, 10'000);
  EXPECT_EQ(spread->median.high, 10'400);
  EXPECT_NEAR(spread->mean, 11'360, 1e-6);
  EXPECT_NEAR(spread->deviation, 3741.4, 0.1);
  EXPECT_EQ(spread->low, 10'000);
  EXPECT_EQ(spread->high, 22'000);
  EXPECT_THAT(spread->outliers, ElementsAre(9));
  EXPECT_EQ(spread->sentence, "trial 10 took 22.00 ms");
}

TEST(Spread, OfOneTrialIsThatTrial) {
  const auto spread = Spread(TestRecord(kWarm, {10}));
  EXPECT_EQ(spread->median.low, 10'000);
  EXPECT_EQ(spread->deviation, 0);
  EXPECT_EQ(spread->sentence, "");
}

TEST(Spread, DoesNotNameWhatIsOffByLessThanFivePercent) {
  EXPECT_THAT(Spread(TestRecord(kWarm, {100, 100.1, 99.9, 100, 100.1, 104}))->outliers, IsEmpty());
  EXPECT_THAT(Spread(TestRecord(kWarm, {100, 100.1, 99.9, 100, 100.1, 106}))->outliers, ElementsAre(5));
}

TEST(Spread, LeavesTheFirstTrialWithoutWarmUpsToTheWarmUpVerdict) {
  EXPECT_THAT(Spread(TestRecord(kCold, {700, 40, 40.1, 40, 40.2, 40}))->outliers, IsEmpty());
  EXPECT_THAT(Spread(TestRecord(kWarm, {700, 40, 40.1, 40, 40.2, 40}))->outliers, ElementsAre(0));
  const auto shift = Spread(TestRecord(kCold, {700, 40, 40, 40, 50, 50, 50, 50}))->shift;
  ASSERT_TRUE(shift);
  EXPECT_EQ(shift->index, 4);
}

TEST(Spread, NamesALevelShiftAndThenNoOutliers) {
  const auto spread = Spread(TestRecord(kWarm, {50, 50, 50, 40, 40, 40, 40, 40, 40, 40}));
  EXPECT_EQ(spread->sentence, "from 50.00 to 40.00 ms at trial 4");
  EXPECT_THAT(spread->outliers, IsEmpty());
}

TEST(Spread, CallsCasesUnsteadyWhoseQuartilesAreFarApart) {
  const auto spread = Spread(TestRecord(kCold, {338, 31.1, 30.6, 31.3, 45.9, 47.1, 47.7, 37, 44.8, 30.8}));
  EXPECT_TRUE(spread->unsteady);
  EXPECT_THAT(spread->outliers, IsEmpty());
  EXPECT_EQ(spread->sentence, "half of the trials between 31.10 and 45.90 ms");
  EXPECT_FALSE(Spread(TestRecord(kWarm, {40, 41, 40, 41, 40, 41, 40, 41, 40, 80}))->unsteady) << "one outlier";
  EXPECT_FALSE(Spread(TestRecord(kWarm, {40, 80, 40}))->unsteady) << "too few to tell";
}

TEST(Spread, IsNotSaidOfFailedCases) { EXPECT_FALSE(Spread(FailedTestRecord(kWarm, "failed: x"))); }

TEST(Spread, FindsTheReferencesOnlyLevelShift) {
  std::vector<std::string> shifted;
  for (const Record& record : ReferenceRecords()) {
    const auto spread = Spread(record);
    if (spread->shift) shifted.push_back(CaseName(record.c) + ": " + spread->sentence);
  }
  EXPECT_THAT(shifted,
              ElementsAre("transformer_step/model:large/context:128/pass:forward/precision:fp32/attention:naive/"
                          "kernels:composed/launch:eager/batch:4/warmups:5: "
                          "from 114.4 to 78.50 ms at trial 5"));
}

TEST(Spread, FindsNoLevelShiftInThePublishedRun) {
  for (const Record& record : PublishedRecords()) EXPECT_FALSE(Spread(record)->shift) << CaseName(record.c);
}

}  // namespace
}  // namespace tbench
