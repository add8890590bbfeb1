#include "analysis/verdicts/clocks.h"

#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using Counters = std::map<std::string, double>;

const Machine kMachine{
    .is_gpu = true, .gpu = {}, .memory_bytes = {}, .ceilings = {}, .max_sm_clock_mhz = 1980, .cpu_threads = {}};

// Readings are on the first and on the last of three trials.
std::optional<ClocksVerdict> Judged(const Counters& first, const Counters& last, double trial_ms = 50) {
  Record record = TestRecord({.model = "small", .context = 128}, {trial_ms, trial_ms, trial_ms});
  record.trials.front().counters = first;
  record.trials.back().counters = last;
  return Clocks(record, kMachine);
}

TEST(Clocks, OfARunningGpuSayNothing) {
  const auto verdict =
      Judged({{"sm_clock_before_mhz", 345}, {"throttle_reasons_before", 1}, {"other_processes_before", 0}},
             {{"sm_clock_after_mhz", 1980}, {"throttle_reasons_after", 2}, {"power_after_watts", 310}});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->throttled);
  EXPECT_FALSE(verdict->clock_fell);
  EXPECT_FALSE(verdict->shared);
  EXPECT_EQ(verdict->sentence, "");
  EXPECT_EQ(verdict->after.power_watts, 310);
  EXPECT_FALSE(verdict->before.power_watts);
}

TEST(Clocks, NameThrottlingInWords) {
  const auto verdict = Judged({{"throttle_reasons_before", 0x4}}, {{"throttle_reasons_after", 0x44}});
  EXPECT_TRUE(verdict->throttled);
  EXPECT_EQ(verdict->sentence, "before: software power cap; after: software power cap, hardware thermal slowdown");
  EXPECT_EQ(Judged({{"throttle_reasons_before", 4}}, {{"throttle_reasons_after", 4}})->sentence,
            "before and after: software power cap");
}

TEST(Clocks, KnowEveryReasonAndNameTheUnknown) {
  EXPECT_EQ(ThrottleReasons(0x3), "");
  EXPECT_EQ(ThrottleReasons(0x1FF),
            "software power cap, hardware slowdown, sync boost, software thermal slowdown, hardware thermal slowdown, "
            "hardware power brake, display clocks");
  EXPECT_EQ(ThrottleReasons(0x1004), "software power cap, unknown reason 0x1000");
}

TEST(Clocks, TellAFallOfTheClock) {
  const auto fell = Judged({{"sm_clock_before_mhz", 1980}}, {{"sm_clock_after_mhz", 1881}});
  EXPECT_TRUE(fell->clock_fell);
  EXPECT_EQ(fell->sentence, "SM clock from 1980 to 1881 MHz");
  EXPECT_FALSE(Judged({{"sm_clock_before_mhz", 1980}}, {{"sm_clock_after_mhz", 1882}})->clock_fell);
}

TEST(Clocks, TellALowClockThatNothingExplains) {
  const auto at = [](double before, double after, double reasons = 0) {
    return std::pair<Counters, Counters>{{{"sm_clock_before_mhz", before}, {"throttle_reasons_before", reasons}},
                                         {{"sm_clock_after_mhz", after}, {"throttle_reasons_after", reasons}}};
  };
  const auto judged = [](const std::pair<Counters, Counters>& state, double trial_ms = 50) {
    return *Judged(state.first, state.second, trial_ms);
  };
  const ClocksVerdict low = judged(at(600, 600));
  EXPECT_TRUE(low.clock_low);
  EXPECT_EQ(low.sentence, "SM clock 600 and 600 of 1980 MHz");
  EXPECT_FALSE(judged(at(1188, 1188)).clock_low);
  EXPECT_TRUE(judged(at(1187, 1187)).clock_low);
  EXPECT_FALSE(judged(at(345, 1980)).clock_low);
  EXPECT_FALSE(judged(at(1980, 600)).clock_low);      // it fell
  EXPECT_FALSE(judged(at(600, 600, 0x4)).clock_low);  // throttled
  EXPECT_FALSE(judged(at(345, 345, 0x1)).clock_low);  // idle
  EXPECT_FALSE(judged(at(600, 600), 1).clock_low);    // not awake yet
  Record record = TestRecord({.model = "small", .context = 128}, {200, 200}, at(600, 600).first);
  record.trials.back().counters = {{"sm_clock_after_mhz", 600}};
  EXPECT_TRUE(Clocks(record, kMachine)->clock_low);
  EXPECT_FALSE(Clocks(record, {})->clock_low);  // of what?
  for (TimedTrial& trial : record.trials) trial.counters["enqueue_us"] = trial.time_us;
  EXPECT_FALSE(Clocks(record, kMachine)->clock_low);  // launch-bound
}

TEST(Clocks, TellOtherProcesses) {
  EXPECT_EQ(Judged({{"other_processes_before", 2}}, {{"other_processes_after", 0}})->company, "2 other processes");
  EXPECT_EQ(Judged({}, {{"other_processes_after", 1}})->company, "1 other process");
}

TEST(Clocks, WithoutAReadingAreNotJudged) {
  EXPECT_FALSE(Judged({}, {}));
  EXPECT_FALSE(Clocks(FailedTestRecord({.model = "small", .context = 128}, "failed: x"), kMachine));
}

TEST(Clocks, TakeNoNonsenseForANumberOfProcesses) {
  EXPECT_EQ(Judged({{"sm_clock_before_mhz", 1980}, {"other_processes_before", 1.7e308}}, {})->company, "");
}

TEST(Clocks, TakeNoNonsenseForAMask) {
  const auto verdict =
      Judged({{"throttle_reasons_before", -4}, {"sm_clock_before_mhz", 1980}}, {{"throttle_reasons_after", 1e300}});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->throttled);
}

}  // namespace
}  // namespace tbench
