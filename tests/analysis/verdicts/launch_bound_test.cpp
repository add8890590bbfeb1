#include "analysis/verdicts/launch_bound.h"

#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

const Machine kGpu{.is_gpu = true, .gpu = {}, .memory_bytes = {}, .ceilings = {}};

std::optional<LaunchVerdict> Judged(const std::map<std::string, double>& counters, const Machine& machine = kGpu) {
  return LaunchBound(TestRecord({.model = "small", .context = 128, .warmups = 5}, {10, 10, 10}, counters), machine);
}

struct Shares {
  const char* name;
  std::map<std::string, double> counters;
  Bound bound;
  const char* sentence;
};
void PrintTo(const Shares& shares, std::ostream* out) { *out << shares.name; }

class LaunchBounds : public testing::TestWithParam<Shares> {};

TEST_P(LaunchBounds, AreJudgedByShares) {
  const auto verdict = Judged(GetParam().counters);
  ASSERT_TRUE(verdict);
  EXPECT_EQ(ToString(verdict->bound), ToString(GetParam().bound));
  EXPECT_EQ(verdict->sentence, GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    All, LaunchBounds,
    testing::Values(Shares{"LowEnqueue", {{"enqueue_us", 8900}}, Bound::kGpu, "enqueueing takes 89 % of the step"},
                    Shares{"MiddleEnqueue", {{"enqueue_us", 9200}}, Bound::kMixed, "enqueueing takes 92 % of the step"},
                    Shares{"HighEnqueue", {{"enqueue_us", 9500}}, Bound::kLaunch, "enqueueing takes 95 % of the step"},
                    Shares{"HighEnqueueButBusy",  // the launch queue was full
                           {{"enqueue_us", 9900}, {"profile_busy_us", 9600}},
                           Bound::kGpu,
                           "enqueueing takes 99 % of the step and the GPU is idle 4.0 %"},
                    Shares{"SomewhatIdle",
                           {{"enqueue_us", 9900}, {"profile_busy_us", 9000}},
                           Bound::kMixed,
                           "enqueueing takes 99 % of the step and the GPU is idle 10 %"},
                    Shares{"Idle",
                           {{"enqueue_us", 9900}, {"profile_busy_us", 4000}},
                           Bound::kLaunch,
                           "enqueueing takes 99 % of the step and the GPU is idle 60 %"},
                    Shares{"IdleThoughTheHostIsNotBusy",
                           {{"enqueue_us", 5000}, {"profile_busy_us", 4000}},
                           Bound::kMixed,
                           "enqueueing takes 50 % of the step and the GPU is idle 60 %"},
                    Shares{
                        "SlowerUnderTheProfiler", {{"profile_busy_us", 11000}}, Bound::kGpu, "the GPU is idle 0.0 %"},
                    Shares{"FasterByItselfThanInARow",  // at the power limit
                           {{"profile_busy_us", 7920}, {"profile_span_us", 8000}},
                           Bound::kGpu,
                           "the GPU is idle 1.0 %"},
                    Shares{"LaunchedLateUnderTheProfiler",
                           {{"enqueue_us", 9900}, {"profile_busy_us", 9600}, {"profile_span_us", 19200}},
                           Bound::kGpu,
                           "enqueueing takes 99 % of the step and the GPU is idle 4.0 %"}),
    [](const auto& suite) { return suite.param.name; });

TEST(LaunchBound, IsNotSaidWithoutAReadingOrAGpu) {
  EXPECT_FALSE(Judged({}));
  EXPECT_FALSE(Judged({{"enqueue_us", 9900}}, Machine{}));
  EXPECT_FALSE(LaunchBound(FailedTestRecord({.model = "small", .context = 128}, "failed: x"), kGpu));
}

TEST(LaunchBound, AreShortStepsOfThePublishedRunAndNotLongOnes) {
  for (const Record& record : PublishedRecords()) {
    const Bound bound = LaunchBound(record, kGpu)->bound;
    const bool is_short = record.c.model == "small" && record.c.context == 128;
    EXPECT_TRUE(!is_short || bound == Bound::kLaunch) << CaseName(record.c);
    EXPECT_TRUE(record.c.model != "2.7B" || bound == Bound::kGpu) << CaseName(record.c);
  }
}

}  // namespace
}  // namespace tbench
