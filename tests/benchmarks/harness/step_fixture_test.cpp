#include "benchmarks/harness/step_fixture.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "benchmarks/names/grid.h"
#include "tests/benchmarks/harness/fake_device.h"
#include "tests/benchmarks/harness/run_registered.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The rows that Google Benchmark writes for the cases, run one after another in this process.
struct Outcome {
  nlohmann::json rows;
  FakeLog log;
  std::int64_t failed_cases = 0;

  // The iteration rows of the case with this many warm-ups.
  std::vector<nlohmann::json> TrialsOf(std::int64_t warmups) const {
    std::vector<nlohmann::json> trials;
    const std::string part = "/warmups:" + std::to_string(warmups) + "/";
    for (const auto& row : rows) {
      const bool of_case = row["name"].get<std::string>().find(part) != std::string::npos;
      if (of_case && row["run_type"] == "iteration") trials.push_back(row);
    }
    return trials;
  }
};

Outcome RunCases(const std::vector<std::int64_t>& warmups, std::int64_t trials, const std::string& faults = "") {
  Outcome outcome;
  FakeOptions options;
  options.faults = ParseFaults(faults);
  const auto device = MakeFakeDevice(options, outcome.log);
  Session session{.device = *device};
  for (const std::int64_t count : warmups) {
    RegisterCase(session, {.model = "tiny", .context = 8, .warmups = count}, ModelTable().Find("tiny"), trials);
  }
  outcome.rows = RunRegistered();
  outcome.failed_cases = session.failed_cases;
  return outcome;
}

TEST(StepFixture, RunsExactlyWarmUpsPlusTrialsSteps) {
  const Outcome outcome = RunCases({0, 1, 5}, 10);
  for (const auto& [name, steps] : outcome.log.steps) EXPECT_EQ(steps, ParseCaseName(name).warmups + 10) << name;
  EXPECT_EQ(outcome.log.steps.size(), 3);
  for (const std::int64_t count : {0, 1, 5}) EXPECT_EQ(outcome.TrialsOf(count).size(), 10);
}

TEST(StepFixture, BuildsEachModelOnceAndFreesItBeforeTheNextIsBuilt) {
  const Outcome outcome = RunCases({0, 1, 5}, 3);
  std::vector<testing::Matcher<std::string>> expected;
  for (int i = 0; i < 3; ++i) {
    expected.insert(expected.end(), {StartsWith("build"), StartsWith("free"), testing::Eq("clean up")});
  }
  EXPECT_THAT(outcome.log.events, testing::ElementsAreArray(expected));
  EXPECT_EQ(outcome.log.most_alive, 1);
  EXPECT_EQ(outcome.log.alive, 0);
}

TEST(StepFixture, CountsTheStepsThatThisProcessRanBeforeATrial) {
  const Outcome outcome = RunCases({0, 5}, 2);
  EXPECT_EQ(outcome.TrialsOf(0)[0]["steps_before"], 0);
  EXPECT_EQ(outcome.TrialsOf(0)[1]["steps_before"], 1);
  EXPECT_EQ(outcome.TrialsOf(5)[0]["steps_before"], 2 + 5);
}

TEST(StepFixture, ReportsOnlyWhatWasMeasured) {
  const auto trials = RunCases({1}, 2).TrialsOf(1);
  for (const char* key : {"end_to_end_us", "forward_us", "tokens_per_second", "steps_before", "loss"}) {
    EXPECT_TRUE(trials[0].contains(key)) << key;
  }
  for (const char* key : {"enqueue_us", "backward_us", "optimizer_us", "peak_allocated_bytes", "label"}) {
    EXPECT_FALSE(trials[0].contains(key)) << key;
  }
  EXPECT_TRUE(trials[0].contains("setup_us") && trials[0].contains("warmup_us"));
  EXPECT_FALSE(trials[1].contains("setup_us") || trials[1].contains("warmup_us"));
  EXPECT_DOUBLE_EQ(trials[1]["tokens_per_second"], 4 * 8 / (trials[1]["real_time"].get<double>() * 1e-6));
}

struct Planted {
  const char* name;
  const char* kind;
  const char* when;
  const char* message;
  std::size_t good_trials;
};
void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.kind << " in " << planted.when; }

class PlantedFaults : public testing::TestWithParam<Planted> {};

TEST_P(PlantedFaults, FailTheirCaseAndNoOther) {
  const Planted& fault = GetParam();
  const Outcome outcome = RunCases({0, 5, 1}, 10, fmt::format("warmups:5={}@{}", fault.kind, fault.when));
  const auto trials = outcome.TrialsOf(5);
  ASSERT_EQ(trials.size(), 10);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    EXPECT_EQ(trials[i].contains("error_occurred"), i >= fault.good_trials) << i;
    if (i < fault.good_trials) continue;
    EXPECT_THAT(trials[i]["error_message"], HasSubstr(fault.message));
  }
  for (const std::int64_t neighbour : {0, 1}) {
    const auto untouched = outcome.TrialsOf(neighbour);
    EXPECT_EQ(untouched.size(), 10);
    for (const auto& row : untouched) EXPECT_FALSE(row.contains("error_occurred"));
  }
  EXPECT_EQ(outcome.failed_cases, 1);
  EXPECT_EQ(outcome.log.most_alive, 1);
  EXPECT_EQ(outcome.log.alive, 0);
  EXPECT_EQ(std::ranges::count(outcome.log.events, "clean up"), 3);
}

INSTANTIATE_TEST_SUITE_P(
    All, PlantedFaults,
    testing::Values(Planted{"ThrowInSetUp", "throw", "setup", "failed: planted in setup", 0},
                    Planted{"OomInSetUp", "oom", "setup", "out_of_memory: ", 0},
                    Planted{"UnsupportedInSetUp", "unsupported", "setup", "not_supported: planted", 0},
                    Planted{"ThrowInFirstWarmUp", "throw", "warmup0", "failed: planted in warmup0", 0},
                    Planted{"OomInLastWarmUp", "oom", "warmup4", "out_of_memory: ", 0},
                    Planted{"ThrowInFirstTrial", "throw", "trial0", "failed: planted in trial0", 0},
                    Planted{"OomInFirstTrial", "oom", "trial0", "out_of_memory: ", 0},
                    Planted{"ThrowInMiddleTrial", "throw", "trial4", "failed: planted in trial4", 4},
                    Planted{"OomInMiddleTrial", "oom", "trial4", "out_of_memory: ", 4},
                    Planted{"UnknownInMiddleTrial", "unknown", "trial4", "failed: an exception of unknown type", 4},
                    Planted{"NanInMiddleTrial", "nan", "trial4", "numerics: the loss of trial 4 is nan", 4},
                    Planted{"ThrowInLastTrial", "throw", "trial9", "failed: planted in trial9", 9},
                    Planted{"OomInLastTrial", "oom", "trial9", "out_of_memory: ", 9}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(StepFixture, RunsNothingOnADeviceThatACaseLost) {
  const Outcome outcome = RunCases({0, 5, 1, 2}, 3, "warmups:5=lost@trial1");
  for (const auto& row : outcome.TrialsOf(0)) EXPECT_FALSE(row.contains("error_occurred"));
  EXPECT_FALSE(outcome.TrialsOf(5)[0].contains("error_occurred"));
  EXPECT_EQ(outcome.TrialsOf(5)[1]["error_message"], "failed: planted in trial1");
  for (const std::int64_t later : {1, 2}) {
    ASSERT_EQ(outcome.TrialsOf(later).size(), 3);
    for (const auto& row : outcome.TrialsOf(later)) {
      EXPECT_EQ(
          row.value("error_message", ""),
          "failed: not run: an earlier benchmark left this process without its device: failed: planted in trial1");
    }
  }
  EXPECT_EQ(outcome.failed_cases, 3);
  EXPECT_EQ(outcome.log.steps.size(), 2) << "no later case was built";
}

TEST(StepFixture, FreesWhatAnotherCaseLeftBehind) {
  // Registered for one repetition more than the library will run: its last TearDown never comes.
  FakeLog log;
  const auto device = MakeFakeDevice({}, log);
  Session session{.device = *device};
  const ModelConfig tiny = ModelTable().Find("tiny");
  auto left = std::make_shared<StepFixture>(session, Case{.model = "tiny", .context = 8, .warmups = 3}, tiny, 2);
  benchmark::RegisterBenchmark("left", [left](benchmark::State& state) { left->Run(state); })
      ->Iterations(1)
      ->UseManualTime();
  RegisterCase(session, {.model = "tiny", .context = 8}, tiny, 1);
  RunRegistered();
  EXPECT_EQ(log.most_alive, 1);
  EXPECT_EQ(log.alive, 0);
}

// One case of three trials on a fake GPU, profiled.
std::vector<nlohmann::json> ProfiledTrials(FakeOptions options) {
  FakeLog log;
  options.gpu = true;
  const auto device = MakeFakeDevice(options, log);
  const auto traces = std::filesystem::path(testing::TempDir()) / fmt::format("fixture_test.{}", getpid());
  Session session{.device = *device, .traces = traces};
  RegisterCase(session, {.model = "tiny", .context = 8, .warmups = 2}, ModelTable().Find("tiny"), 3);
  Outcome outcome{.rows = RunRegistered(), .log = {}};
  EXPECT_EQ(log.steps.begin()->second, 2 + 3 + 1) << "one step more, for the profile";
  EXPECT_EQ(std::filesystem::exists(traces), !options.activities.empty());
  std::filesystem::remove_all(traces);
  return outcome.TrialsOf(2);
}

TEST(StepFixture, ReportsAProfiledStepOnTheLastRow) {
  FakeOptions options;
  options.activities = {{"sgemm", Microseconds(0), Microseconds(30)}, {"reduce", Microseconds(40), Microseconds(50)}};
  const auto trials = ProfiledTrials(options);
  ASSERT_EQ(trials.size(), 3);
  EXPECT_FALSE(trials[1].contains("profile_kernels"));
  EXPECT_EQ(trials[2]["profile_kernels"], 2);
  EXPECT_EQ(trials[2]["profile_busy_us"], 40);
  EXPECT_EQ(trials[2]["profile_span_us"], 50);
  EXPECT_EQ(trials[2]["profile_matmul_us"], 30);
  EXPECT_EQ(trials[2]["profile_reduction_us"], 10);
  EXPECT_EQ(trials[2]["profile_attention_us"], 0);
  EXPECT_TRUE(trials[2].contains("profile_step_us"));
}

TEST(StepFixture, KeepsItsTrialsWhereThereIsNoProfiler) {
  const auto trials = ProfiledTrials({});  // the fake profiler sees nothing, and throws
  ASSERT_EQ(trials.size(), 3);
  EXPECT_FALSE(trials[2].contains("profile_kernels"));
  EXPECT_FALSE(trials[2].contains("error_occurred"));
}

TEST(StepFixture, ReportsTheGpusStateBeforeTheFirstTrialAndAfterTheLast) {
  FakeOptions options;
  options.state = {.sm_clock_mhz = 1980, .power_watts = 300, .throttle_reasons = 4, .other_processes = 0};
  const auto trials = ProfiledTrials(options);
  ASSERT_EQ(trials.size(), 3);
  EXPECT_EQ(trials[0]["sm_clock_before_mhz"], 1980);
  EXPECT_EQ(trials[0]["other_processes_before"], 0);
  EXPECT_FALSE(trials[0].contains("temperature_before_celsius")) << "the driver did not tell it";
  EXPECT_FALSE(trials[0].contains("sm_clock_after_mhz"));
  EXPECT_FALSE(trials[1].contains("sm_clock_before_mhz"));
  EXPECT_EQ(trials[2]["throttle_reasons_after"], 4);
  EXPECT_EQ(trials[2]["power_after_watts"], 300);
}

TEST(StepFixture, ReportsWhatACaseMetOnTheHostAfterItsLastTrial) {
  FakeOptions options;
  options.cpu_threads = 1;
  const auto trials = ProfiledTrials(options);
  ASSERT_EQ(trials.size(), 3);
  EXPECT_FALSE(trials[1].contains("cpu_threads") || trials[1].contains("host_wall_us"));
  EXPECT_EQ(trials[2]["cpu_threads"], 1);
  double trials_us = 0;
  for (const auto& trial : trials) trials_us += trial["real_time"].get<double>();
  EXPECT_GE(trials[2]["host_wall_us"], trials_us);
  EXPECT_GE(trials[2]["host_preemptions"], 0);
}

}  // namespace
}  // namespace tbench
