#include "analysis/verdicts/consistency.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "analysis/verdicts/judged_case.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Counters = std::map<std::string, double>;

const Case kTrain{.model = "small", .context = 128, .pass = Pass::kTrainStep, .warmups = 5};
const Machine kGpu{.is_gpu = true, .gpu = {}, .memory_bytes = {}, .ceilings = {}};

// Of four trials of 9 ms, the last of which has the counters.
std::string Why(const Counters& last, const Case& c = kTrain) {
  Record record = TestRecord(c, {9, 9.01, 9.02, 9});
  record.trials.back().counters = last;
  return WhyInconsistent(record, kGpu);
}

// Of trials with these values of one counter.
std::string WhyOf(const std::string& counter, const std::vector<double>& values, Pass pass) {
  Case c = kTrain;
  c.pass = pass;
  Record record = TestRecord(c, {9, 9.01, 9.02, 9.03});
  for (std::size_t i = 0; i < values.size(); ++i) record.trials[i].counters[counter] = values[i];
  return WhyInconsistent(record, kGpu);
}

TEST(Inconsistent, ArePartsThatExceedTheirTrial) {
  EXPECT_EQ(Why({{"forward_us", 3000}, {"backward_us", 5000}, {"optimizer_us", 1000}}), "");
  EXPECT_EQ(Why({{"forward_us", 3000}, {"backward_us", 5000}, {"optimizer_us", 1012}}), "");  // what timers resolve
  EXPECT_EQ(Why({{"forward_us", 3000}, {"backward_us", 5000}, {"optimizer_us", 1100}}),
            "in trial 4, the phases took 9.10 ms, and the trial 9.00 ms");
  EXPECT_EQ(Why({{"backward_us", 2e9}}), "in trial 4, the phases took 2000 s, and the trial 9.00 ms");
  EXPECT_EQ(Why({{"forward_us", -1000}, {"backward_us", 9000}}), "trial 4 has a forward_us of -1000");
}

TEST(Inconsistent, AreTimesOfTheHostThatCannotHoldTheTrial) {
  EXPECT_EQ(Why({{"end_to_end_us", 8995}, {"enqueue_us", 8996}}), "");
  EXPECT_EQ(Why({{"end_to_end_us", 4000}}), "in trial 4, the trial took 9.00 ms, and it takes end to end 4.00 ms");
  EXPECT_EQ(Why({{"end_to_end_us", 9100}, {"enqueue_us", 9200}}),
            "in trial 4, enqueueing took 9.20 ms, and it takes end to end 9.10 ms");
  EXPECT_EQ(WhyInconsistent(TestRecord(kTrain, {9, 9.1, 9}, {{"enqueue_us", 500'000}}), kGpu),
            "enqueueing takes 500.0 ms and the trial 9.00 ms in the median");
  Record held_up = TestRecord(kTrain, {9, 9.1, 9}, {{"enqueue_us", 8000}, {"end_to_end_us", 9200}});
  held_up.trials[1].counters = {{"enqueue_us", 800'000}, {"end_to_end_us", 900'000}};
  EXPECT_EQ(WhyInconsistent(held_up, kGpu), "");
}

TEST(Inconsistent, AreTrialsOfAGpuThatAreEqual) {
  const auto equal = [](std::size_t trials, double ms) { return TestRecord(kTrain, std::vector<double>(trials, ms)); };
  EXPECT_EQ(WhyInconsistent(equal(10, 9), kGpu), "all 10 trials are equal to the last digit");
  EXPECT_EQ(WhyInconsistent(equal(9, 9), kGpu), "");
  EXPECT_EQ(WhyInconsistent(equal(10, 0.05), kGpu), "");  // some ticks of an event
  EXPECT_EQ(WhyInconsistent(equal(10, 9), {}), "");
  Record record = equal(10, 9);
  record.trials.back().time_us += 0.032;
  EXPECT_EQ(WhyInconsistent(record, kGpu), "");
}

TEST(Inconsistent, AreLossesThatJump) {
  const Pass forward = Pass::kForward, backward = Pass::kForwardBackward, train = Pass::kTrainStep;
  EXPECT_EQ(WhyOf("loss", {9.2, 9.21, 9.2, 9.2}, forward), "");
  EXPECT_EQ(WhyOf("loss", {9.2, 9.2, 0, 9.2}, forward),
            "the loss is 9.2 in trial 1 and 0 in trial 3, and nothing changed the weights");
  EXPECT_THAT(WhyOf("loss", {9.2, 9.2, 9.2, 8.9}, backward), HasSubstr("8.9 in trial 4"));
  EXPECT_EQ(WhyOf("loss", {9.2, -5, 9.2, 9.2}, train), "the loss of trial 2 is -5, which is no cross-entropy's");
  EXPECT_EQ(WhyOf("loss", {9.2, 9.2, 1e30, 9.2}, train), "the loss of trial 3 is 1e+30, which is no cross-entropy's");
  EXPECT_EQ(WhyOf("loss", {7.7, 8.9, 2.4, 0.07}, train), "");  // an optimizer at work
}

TEST(Inconsistent, AreStepsThatWereNotRun) {
  const Pass forward = Pass::kForward;
  EXPECT_EQ(WhyOf("steps_before", {5, 6, 7, 8}, forward), "");
  EXPECT_EQ(WhyOf("steps_before", {8, 9, 10, 11}, forward), "");  // a capture's come before
  EXPECT_EQ(WhyOf("steps_before", {0, 0, 0, 0}, forward), "0 steps ran before trial 1, and it has 5 warm-ups");
  EXPECT_EQ(WhyOf("steps_before", {500, 500, 500, 500}, forward),
            "500 steps ran before trial 2, and 500 before an earlier one");
  EXPECT_EQ(WhyOf("steps_before", {7, 8, 6, 9}, forward), "6 steps ran before trial 3, and 8 before an earlier one");
  const Record cold = TestRecord({.model = "small", .context = 128}, {200, 9}, {{"steps_before", 0}});
  EXPECT_EQ(WhyInconsistent(cold, kGpu), "0 steps ran before trial 2, and 0 before an earlier one");
}

TEST(Copies, AreTheSameTrialsOfTwoCases) {
  const Case a{.model = "small", .context = 128}, b{.model = "medium", .context = 128};
  const std::vector<double> times{9, 9.1, 9.2, 9.1, 9};
  EXPECT_THAT(WhyCopied({TestRecord(a, times), TestRecord(b, times)}),
              ElementsAre(HasSubstr("its trials are those of medium"), HasSubstr("its trials are those of small")));
  std::vector<double> other = times;
  other.back() += 1e-9;
  EXPECT_THAT(WhyCopied({TestRecord(a, times), TestRecord(b, other)}), ElementsAre("", ""));
  const std::vector<double> few{9, 9.1, 9.2, 9.1}, equal{9, 9, 9, 9, 9};
  EXPECT_THAT(WhyCopied({TestRecord(a, few), TestRecord(b, few)}), ElementsAre("", ""));
  EXPECT_THAT(WhyCopied({TestRecord(a, equal), TestRecord(b, equal)}), ElementsAre("", ""));
  EXPECT_THAT(WhyCopied({FailedTestRecord(a, "failed: x"), FailedTestRecord(b, "failed: x")}), ElementsAre("", ""));
}

TEST(Implausible, IsNoCaseThatWasEverPublished) {
  std::size_t cases = 0;
  for (const char* folder : {TBENCH_RESULTS, TBENCH_OLD_RUNS}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".json") continue;
      const RunFile run = ParseRunFile(ReadFile(entry.path()));
      const Records records = ToRecords({run});
      EXPECT_THAT(records.problems, testing::IsEmpty()) << entry.path();
      for (const auto& of_run : {records.records, records.peers}) {
        for (const JudgedCase& judged : Judge(of_run, {MachineOf(run)})) {
          ++cases;
          EXPECT_EQ(judged.implausible, "") << entry.path() << ": " << CaseName(judged.record.c);
          EXPECT_FALSE(judged.clocks && judged.clocks->clock_low) << judged.clocks->sentence;
        }
      }
    }
  }
  EXPECT_GT(cases, 200U);
}

}  // namespace
}  // namespace tbench
