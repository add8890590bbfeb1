#include "analysis/gate/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/gate/gate_flags.h"
#include "analysis/gate/gate_report.h"
#include "analysis/read/record.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const Case kSmall{.model = "small", .context = 128};
const Case kMedium{.model = "medium", .context = 128};
const GateOptions kDefaults;

// Ten trials about the median, none equal to another, 1 % apart from end to end.
std::vector<double> About(double median, std::size_t trials = 10) {
  std::vector<double> times;
  for (std::size_t i = 0; i < trials; ++i) {
    times.push_back(median * (0.995 + 0.01 * double(i) / double(std::max<std::size_t>(trials - 1, 1))));
  }
  return times;
}

struct Measured {
  Case c = kSmall;
  std::vector<double> times_us = {};
  std::string error = {};
  std::string label = {};
  double clock_mhz = 0;
};

RunFile RunOf(const std::vector<Measured>& cases, const ContextMap& context = {{"device", "cuda"}}) {
  RunFile run;
  run.source = "run.json";
  run.context = context;
  for (const Measured& measured : cases) {
    const auto trials = std::int64_t(measured.times_us.size());
    for (std::int64_t i = 0; i < trials; ++i) {
      Row row{.name = RowName(measured.c, trials),
              .repetitions = trials,
              .repetition_index = i,
              .real_time_us = measured.times_us[std::size_t(i)],
              .label = measured.label};
      if (measured.clock_mhz > 0) row.counters["sm_clock_after_mhz"] = measured.clock_mhz;
      run.rows.push_back(row);
    }
    if (!measured.error.empty()) {
      run.rows.push_back(
          {.name = RowName(measured.c, 10), .repetitions = 10, .repetition_index = trials, .error = measured.error});
    }
  }
  return run;
}

// Of one case in both runs.
ComparedCase Compared(const Measured& before, const Measured& now, const GateOptions& options = kDefaults) {
  return CompareRuns(RunOf({before}), RunOf({now}), options).cases.at(0);
}

GateVerdict VerdictOf(const std::vector<double>& before, const std::vector<double>& now,
                      const GateOptions& options = kDefaults) {
  return Compared({.times_us = before}, {.times_us = now}, options).verdict;
}

TEST(GateVerdict, NeedsMoreThanTheThreshold) {
  EXPECT_EQ(VerdictOf(About(1000), About(1049)), GateVerdict::kSame);  // significant but tiny
  EXPECT_EQ(VerdictOf(About(1000), About(1051)), GateVerdict::kSlower);
  EXPECT_EQ(VerdictOf(About(1000), About(1051), {.threshold = 0.06}), GateVerdict::kSame);
  EXPECT_EQ(VerdictOf(About(1000), About(1021), {.threshold = 0.02}), GateVerdict::kSlower);
  EXPECT_EQ(VerdictOf(About(1000), About(1000)), GateVerdict::kSame);
}

TEST(GateVerdict, IsFasterWhereTheRunsExchangedWouldBeSlower) {
  EXPECT_EQ(VerdictOf(About(1051), About(1000)), GateVerdict::kFaster);
  EXPECT_EQ(VerdictOf(About(1049), About(1000)), GateVerdict::kSame);
}

TEST(GateVerdict, NeedsSignificance) {
  // The median doubles, but the samples are mixed: U = 8 of 16.
  const std::vector<double> before{1000, 1010, 3000, 3010}, now{1020, 1030, 3020, 3030};
  EXPECT_EQ(VerdictOf(before, now), GateVerdict::kSame);
  // Fully apart, 4 against 4: p = 0.029.
  EXPECT_EQ(VerdictOf(About(1000, 4), About(2000, 4)), GateVerdict::kSlower);
  EXPECT_EQ(VerdictOf(About(1000, 4), About(2000, 4), {.alpha = 0.02}), GateVerdict::kTooFewTrials);
}

TEST(GateVerdict, IsUnclearWhereTheMedianGrewButNotSignificantly) {
  EXPECT_EQ(VerdictOf({1000, 1010, 1000, 1010}, {900, 1300, 1310, 950}), GateVerdict::kUnclear);
}

TEST(GateVerdict, IsNoneWithTooFewTrials) {
  const ComparedCase few = Compared({.times_us = About(1000, 3)}, {.times_us = About(2000, 3)});
  EXPECT_EQ(few.verdict, GateVerdict::kTooFewTrials);
  EXPECT_EQ(few.note, "3 against 3 trials cannot have a p below 0.1");
  EXPECT_FALSE(few.p);
}

TEST(GateVerdict, TakesOtherTrialCounts) {
  EXPECT_EQ(VerdictOf(About(1000, 10), About(1100, 20)), GateVerdict::kSlower);
  EXPECT_EQ(VerdictOf(About(1000, 10), About(1000, 5)), GateVerdict::kSame);
}

TEST(GateVerdict, OfAFailureIsNeverAboutTime) {
  const Measured good{.times_us = About(1000)};
  const Measured oom{.times_us = {1, 1}, .error = "out_of_memory: 9 GiB"};
  EXPECT_EQ(Compared(good, oom).verdict, GateVerdict::kNewlyFailing);
  EXPECT_EQ(Compared(good, oom).new_error, "out_of_memory: 9 GiB");
  EXPECT_FALSE(Compared(good, oom).Growth());
  EXPECT_EQ(Compared(oom, good).verdict, GateVerdict::kFixed);
  EXPECT_EQ(Compared(oom, oom).verdict, GateVerdict::kFailingInBoth);
}

TEST(CompareRuns, ListsTheBaselinesCasesThenNewOnes) {
  const Comparison comparison = CompareRuns(
      RunOf({{.times_us = About(1000)}, {.c = kMedium, .times_us = About(2000)}}),
      RunOf({{.c = {.model = "xl", .context = 8}, .times_us = About(2000)}, {.times_us = About(1000)}}), kDefaults);
  ASSERT_EQ(comparison.cases.size(), 3);
  EXPECT_EQ(comparison.cases[0].verdict, GateVerdict::kSame);
  EXPECT_EQ(comparison.cases[1].verdict, GateVerdict::kMissing);
  EXPECT_EQ(comparison.cases[2].verdict, GateVerdict::kNew);
  EXPECT_EQ(Judge(comparison, kDefaults), Outcome::kFailed);
  EXPECT_EQ(Judge(comparison, {.allow_missing = true}), Outcome::kPassed);
}

TEST(CompareRuns, TakesAModelWithOtherNumbersForAnotherCase) {
  const Case mine{.model = "mine", .context = 8};
  const std::vector<Measured> cases{{.times_us = About(1000)}, {.c = mine, .times_us = About(1000)}};
  const Comparison comparison =
      CompareRuns(RunOf(cases, {{"model.mine", "vocab:5,d_model:4,d_ff:8,layers:1,heads:2"}}),
                  RunOf(cases, {{"model.mine", "vocab:5,d_model:4,d_ff:8,layers:9,heads:2"}}), kDefaults);
  EXPECT_EQ(comparison.cases.at(1).verdict, GateVerdict::kMissing);
  EXPECT_THAT(comparison.cases.at(1).note, AllOf(HasSubstr("layers:1"), HasSubstr("layers:9")));
}

std::string Refusal(const RunFile& baseline, const RunFile& contender, const GateOptions& options = kDefaults) {
  try {
    CompareRuns(baseline, contender, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

const std::vector<Measured> kOneCase{{.times_us = About(1000)}};

TEST(CompareRuns, RefusesOtherHardware) {
  const ContextMap h100{{"device", "cuda"}, {"gpu_name", "NVIDIA H100"}, {"gpu_memory_bytes", "85"}, {"cpu_name", "a"}};
  ContextMap other = h100;
  other["gpu_name"] = "NVIDIA H200";
  EXPECT_THAT(Refusal(RunOf(kOneCase, h100), RunOf(kOneCase, other)),
              AllOf(HasSubstr("gpu_name: NVIDIA H100 in the baseline, NVIDIA H200 in the contender"),
                    HasSubstr("--ignore-hardware"), Not(HasSubstr("gpu_memory_bytes"))));
  other.erase("gpu_name");
  EXPECT_THAT(Refusal(RunOf(kOneCase, h100), RunOf(kOneCase, other)), HasSubstr("nothing in the contender"));

  const Comparison ignored = CompareRuns(RunOf(kOneCase, h100), RunOf(kOneCase, other), {.ignore_hardware = true});
  EXPECT_THAT(ignored.hardware, ElementsAre(Difference{"gpu_name", "NVIDIA H100", "nothing"}));
  EXPECT_THAT(ignored.differences, IsEmpty());

  other = h100;
  other["cpu_name"] = "b";         // of a GPU's host
  other["gpu_uuid"] = "GPU-0123";  // another of its kind
  EXPECT_EQ(Refusal(RunOf(kOneCase, h100), RunOf(kOneCase, other)), "");
}

TEST(CompareRuns, OnACpuRefusesAnotherCpuOrThreadCount) {
  const ContextMap cpu{{"device", "cpu"}, {"cpu_name", "a"}, {"threads", "8"}};
  for (const char* key : {"device", "cpu_name", "threads"}) {
    ContextMap other = cpu;
    other[key] = "16";
    EXPECT_THAT(Refusal(RunOf(kOneCase, cpu), RunOf(kOneCase, other)), HasSubstr(std::string(key) + ": "));
  }
  EXPECT_EQ(Refusal(RunOf(kOneCase, cpu), RunOf(kOneCase, cpu)), "");
  EXPECT_EQ(Refusal(RunOf(kOneCase, {}), RunOf(kOneCase, {})), "");
}

TEST(CompareRuns, RefusesRunsWithoutACommonCase) {
  EXPECT_THAT(Refusal(RunOf(kOneCase), RunOf({{.c = kMedium, .times_us = About(1000)}})),
              AllOf(HasSubstr("no case in common"), HasSubstr("model:small")));
  EXPECT_THAT(Refusal(RunOf(kOneCase), RunOf({})), HasSubstr("run.json: it holds no transformer_step case"));
  RunFile damaged = RunOf(kOneCase);
  damaged.rows.pop_back();
  EXPECT_THAT(Refusal(damaged, RunOf(kOneCase)), AllOf(HasSubstr("nothing can be compared"), HasSubstr("9 of 10")));
}

TEST(CompareRuns, ReportsOtherSoftwareClocksAndBackends) {
  const ContextMap before{{"device", "cuda"},
                          {"driver_version", "550"},
                          {"git_commit", "a"},
                          {"date", "monday"},
                          {"model.x", "vocab:2,d_model:4,d_ff:8,layers:1,heads:2"}};
  const ContextMap now{
      {"device", "cuda"}, {"driver_version", "560"}, {"git_commit", "a"}, {"date", "tuesday"}, {"cudnn_version", "9"}};
  const Comparison comparison = CompareRuns(
      RunOf({{.times_us = About(1000), .label = "attention_backend:math", .clock_mhz = 1980}}, before),
      RunOf({{.times_us = About(1001), .label = "attention_backend:cudnn", .clock_mhz = 1755}}, now), kDefaults);
  EXPECT_THAT(comparison.differences,
              ElementsAre(Difference{"cudnn_version", "nothing", "9"}, Difference{"driver_version", "550", "560"},
                          Difference{"label of 1 case", "attention_backend:math", "attention_backend:cudnn"},
                          Difference{"SM clock after the trials", "1980 MHz", "1755 MHz"}));
  EXPECT_EQ(Judge(comparison, kDefaults), Outcome::kPassed);
}

TEST(CompareRuns, TellsOfThrottledCases) {
  RunFile throttled = RunOf({{.times_us = About(1000)}});
  throttled.rows.back().counters["throttle_reasons_after"] = 4;
  const Comparison comparison = CompareRuns(throttled, RunOf({{.times_us = About(1000)}}), kDefaults);
  EXPECT_THAT(comparison.differences, testing::Contains(Difference{"cases measured while throttled", "1", "0"}));
}

TEST(CompareRuns, TellsOfCasesBesideOthers) {
  RunFile shared = RunOf({{.times_us = About(1000)}});
  shared.rows.back().counters["other_processes_after"] = 2;
  const Comparison comparison = CompareRuns(shared, RunOf({{.times_us = About(1000)}}), kDefaults);
  EXPECT_THAT(comparison.differences, testing::Contains(Difference{"cases measured beside other processes", "1", "0"}));
}

TEST(CompareRuns, TellsOfCasesAtALowClock) {
  RunFile low =
      RunOf({{.times_us = About(200'000), .clock_mhz = 600}}, {{"device", "cuda"}, {"max_sm_clock_mhz", "1980"}});
  low.rows.front().counters["sm_clock_before_mhz"] = 600;
  const Comparison comparison = CompareRuns(RunOf({{.times_us = About(200'000)}}), low, kDefaults);
  EXPECT_THAT(comparison.differences, testing::Contains(Difference{"cases measured at a low SM clock", "0", "1"}));
}

TEST(CompareRuns, TellsOfCasesOnAContendedHost) {
  RunFile contended = RunOf({{.times_us = About(1000)}});
  contended.rows.back().counters["host_wall_us"] = 1e6;
  contended.rows.back().counters["host_waited_us"] = 9e5;
  const Comparison comparison = CompareRuns(RunOf({{.times_us = About(1000)}}), contended, kDefaults);
  EXPECT_THAT(comparison.differences, testing::Contains(Difference{"cases measured on a contended host", "0", "1"}));
}

TEST(Judge, FailsForWhatCouldNotBeRead) {
  RunFile damaged = RunOf(kOneCase);
  damaged.problems = {"trial 3: loss is not a finite number"};
  const Comparison comparison = CompareRuns(RunOf(kOneCase), damaged, kDefaults);
  EXPECT_EQ(Judge(comparison, kDefaults), Outcome::kFailed);
  EXPECT_EQ(Headline(comparison, kDefaults), "Failed: a part of the runs cannot be read.");
}

TEST(Judge, DoesNotPassWhatWasNotCompared) {
  const Measured oom{.times_us = {1, 1}, .error = "out_of_memory: 9 GiB"};
  EXPECT_EQ(Judge(CompareRuns(RunOf({oom}), RunOf({oom}), kDefaults), kDefaults), Outcome::kUndecided);
}

TEST(Judge, PrefersAWorseCaseToAnUndecidedOne) {
  const std::vector<Measured> before{{.times_us = About(1000, 3)}, {.c = kMedium, .times_us = About(1000)}};
  const std::vector<Measured> same{{.times_us = About(1000, 3)}, {.c = kMedium, .times_us = About(1000)}};
  const std::vector<Measured> worse{{.times_us = About(1000, 3)}, {.c = kMedium, .times_us = About(2000)}};
  EXPECT_EQ(Judge(CompareRuns(RunOf(before), RunOf(same), kDefaults), kDefaults), Outcome::kUndecided);
  EXPECT_EQ(Judge(CompareRuns(RunOf(before), RunOf(worse), kDefaults), kDefaults), Outcome::kFailed);
}

ComparedCase LookedSlower() { return Compared({.times_us = About(1000)}, {.times_us = About(1100)}); }

// Five processes with these medians.
std::vector<std::vector<double>> Processes(const std::vector<double>& medians) {
  std::vector<std::vector<double>> processes;
  for (const double median : medians) processes.push_back(About(median));
  return processes;
}

TEST(Confirm, ComparesTheMediansOfProcesses) {
  const Remeasurement how{.rounds = 5};
  const auto old_us = Processes({1000, 1001, 1002, 1003, 1004});
  const ComparedCase confirmed =
      Confirm(LookedSlower(), {.old_us = old_us, .new_us = Processes({1100, 1101, 1102, 1103, 1104})}, how, kDefaults);
  EXPECT_EQ(confirmed.verdict, GateVerdict::kSlower);
  EXPECT_NEAR(*confirmed.p, 1 / 126.0, 1e-15);
  EXPECT_DOUBLE_EQ(*confirmed.old_median_us, 1002);
  EXPECT_DOUBLE_EQ(*confirmed.new_median_us, 1102);
  EXPECT_TRUE(confirmed.measured_again);
  EXPECT_THAT(confirmed.note, HasSubstr("at first +10.0 %"));

  // A hundred trials against a hundred would have a p of nothing; the processes do not differ by enough.
  EXPECT_EQ(
      Confirm(LookedSlower(), {.old_us = old_us, .new_us = Processes({1010, 1011, 1012, 1013, 1014})}, how, kDefaults)
          .verdict,
      GateVerdict::kCleared);
  // Nor where the processes are mixed, though their median grew.
  EXPECT_EQ(
      Confirm(LookedSlower(), {.old_us = old_us, .new_us = Processes({990, 995, 1100, 1101, 1102})}, how, kDefaults)
          .verdict,
      GateVerdict::kCleared);
}

TEST(Confirm, WithoutTheOldProgramComparesWithTheBaselinesTrials) {
  const Remeasurement how{.rounds = 2, .with_old_binary = false};
  const ComparedCase confirmed = Confirm(LookedSlower(), {.new_us = Processes({1100, 1104})}, how, kDefaults);
  EXPECT_EQ(confirmed.verdict, GateVerdict::kSlower);
  EXPECT_DOUBLE_EQ(*confirmed.old_median_us, 1000);
  EXPECT_DOUBLE_EQ(*confirmed.new_median_us, 1102);
  EXPECT_LT(*confirmed.p, 1e-4);
  EXPECT_EQ(Confirm(LookedSlower(), {.new_us = Processes({1040, 1044})}, how, kDefaults).verdict,
            GateVerdict::kCleared);
}

TEST(Confirm, TellsASlowerEnvironmentFromASlowerProgram) {
  const Remeasurement how{.rounds = 5};
  const auto slow = Processes({1100, 1101, 1102, 1103, 1104}), slower = Processes({1210, 1211, 1212, 1213, 1214});
  const ComparedCase environment = Confirm(LookedSlower(), {.old_us = slow, .new_us = slow}, how, kDefaults);
  EXPECT_EQ(environment.verdict, GateVerdict::kEnvironmentSlower);
  EXPECT_TRUE(environment.environment_slower);
  EXPECT_TRUE(IsWorse(environment.verdict, kDefaults));
  const ComparedCase both = Confirm(LookedSlower(), {.old_us = slow, .new_us = slower}, how, kDefaults);
  EXPECT_EQ(both.verdict, GateVerdict::kSlower);
  EXPECT_TRUE(both.environment_slower);
  // By less than the threshold is the same environment.
  const auto near = Processes({1040, 1041, 1042, 1043, 1044});
  EXPECT_EQ(Confirm(LookedSlower(), {.old_us = near, .new_us = near}, how, kDefaults).verdict, GateVerdict::kCleared);
}

TEST(SoftwareDifferences, AreVersionsThatTheProgramTells) {
  EXPECT_THAT(SoftwareDifferences({{"cudnn_version", "91900"}, {"torch_version", "2.11"}, {"git_commit", "a"}},
                                  {{"cudnn_version", "92000"}, {"torch_version", "2.11"}, {"git_commit", "b"}}),
              ElementsAre(Difference{"cudnn_version", "91900", "92000"}));
}

// The one verdict, and why.
std::pair<GateVerdict, std::string> VerdictAndNote(const RunFile& before, const RunFile& now) {
  const Comparison comparison = CompareRuns(before, now, kDefaults);
  if (comparison.cases.at(0).verdict == GateVerdict::kImplausible) {
    EXPECT_EQ(Judge(comparison, kDefaults), Outcome::kUndecided);
    EXPECT_EQ(Headline(comparison, kDefaults), "Undecided: 1 of 1 case cannot be compared.");
  }
  return {comparison.cases.at(0).verdict, comparison.cases.at(0).note};
}

RunFile WithCounter(RunFile run, const std::string& counter, double value) {
  for (Row& row : run.rows) row.counters[counter] = value;
  return run;
}

TEST(CompareRuns, ComparesNoImplausibleTimesOrMemory) {
  const auto implausible = [](const std::string& why) {
    return testing::Pair(GateVerdict::kImplausible, HasSubstr(why));
  };
  // Where no data sheet is known.
  for (const char* device : {"cuda", "cpu"}) {
    const ContextMap unknown{{"device", device}};
    EXPECT_THAT(VerdictAndNote(RunOf(kOneCase, unknown), RunOf({{.times_us = About(1)}}, unknown)),
                implausible("in the contender, trial 1 needs"));
  }
  const ContextMap h100{{"device", "cuda"}, {"gpu_name", "NVIDIA H100 80GB HBM3"}, {"gpu_memory_bytes", "85000000000"}};
  EXPECT_THAT(VerdictAndNote(RunOf(kOneCase, h100), RunOf(kOneCase, h100)), implausible("in the baseline"));
  const RunFile good = RunOf({{.times_us = About(10000)}}, h100);
  EXPECT_THAT(VerdictAndNote(good, WithCounter(good, "peak_allocated_bytes", 5e12)),
              implausible("at its peak are more than the GPU's"));
  EXPECT_EQ(VerdictAndNote(good, WithCounter(good, "peak_allocated_bytes", 84e9)).first, GateVerdict::kSame);
}

TEST(CompareRuns, PassesNoImplausibleTimesThatTheBaselineHasNone) {
  const Measured good{.times_us = About(1000)};
  const Measured failed{.c = kMedium, .times_us = {1000}, .error = "out_of_memory: 9 GiB"};
  const Measured implausible{.c = kMedium, .times_us = About(1)};
  for (const RunFile& baseline : {RunOf({good, failed}), RunOf({good})}) {
    const Comparison comparison = CompareRuns(baseline, RunOf({good, implausible}), kDefaults);
    EXPECT_EQ(comparison.cases.at(1).verdict, GateVerdict::kImplausible);
    EXPECT_THAT(comparison.cases.at(1).note, HasSubstr("in the contender, trial 1 needs"));
    EXPECT_EQ(Judge(comparison, kDefaults), Outcome::kUndecided);
  }
}

TEST(CompareRuns, ComparesNoTimesOfAnotherLossAtOneSeed) {
  const ContextMap seed0{{"seed", "0"}}, seed1{{"seed", "1"}};
  const auto of_loss = [&](const ContextMap& context, double loss, Pass pass) {
    return WithCounter(
        RunOf({{.c = {.model = "small", .context = 128, .pass = pass}, .times_us = About(1000)}}, context), "loss",
        loss);
  };
  const RunFile before = of_loss(seed0, 9.2, Pass::kForwardBackward);
  EXPECT_THAT(VerdictAndNote(before, of_loss(seed0, 0.01, Pass::kForwardBackward)),
              testing::Pair(GateVerdict::kImplausible, HasSubstr("loss is 9.2 in the baseline and 0.01 in the")));
  EXPECT_EQ(VerdictAndNote(before, of_loss(seed0, 9.21, Pass::kForwardBackward)).first, GateVerdict::kSame);
  // 2.03 % of the one is 1.99 % of the other.
  const RunFile larger = of_loss(seed0, 9.387, Pass::kForwardBackward);
  EXPECT_EQ(VerdictAndNote(before, larger).first, GateVerdict::kSame);
  EXPECT_EQ(VerdictAndNote(larger, before).first, GateVerdict::kSame);
  EXPECT_EQ(VerdictAndNote(before, of_loss(seed1, 0.01, Pass::kForwardBackward)).first, GateVerdict::kSame);
  EXPECT_EQ(VerdictAndNote(of_loss(seed0, 9.2, Pass::kTrainStep), of_loss(seed0, 7, Pass::kTrainStep)).first,
            GateVerdict::kSame);
}

// A key that ends with a colon stands before one.
TEST(GateText, MakesNoCommandOfCiFromHarmlessPieces) {
  RunFile before = RunOf({{.times_us = About(1000)}}, {{"device", "cuda"}, {":", "1"}});
  before.source = "a ::error::b/run.json";
  const std::string text = ToText(CompareRuns(before, RunOf({{.times_us = About(1000)}}), kDefaults), kDefaults);
  EXPECT_THAT(text, AllOf(HasSubstr(": : 1 -> nothing"), HasSubstr("a : :error::b/run.json"), Not(HasSubstr(" ::"))));
}

TEST(CompareRuns, SaysThatTheOnlyModelIsAnother) {
  const std::vector<Measured> mine{{.c = {.model = "mine", .context = 8}, .times_us = About(1000)}};
  EXPECT_THAT(Refusal(RunOf(mine, {{"model.mine", "vocab:5,d_model:4,d_ff:8,layers:1,heads:2"}}),
                      RunOf(mine, {{"model.mine", "vocab:5,d_model:4,d_ff:8,layers:9,heads:2"}})),
              AllOf(HasSubstr("layers:1"), HasSubstr("layers:9"), Not(HasSubstr("no case in common"))));
}

TEST(CompareRuns, TakesTrialsInTheOrderOfTheirRepetitions) {
  RunFile reversed = RunOf({{.times_us = {4000, 1000, 1001, 1002}}});
  std::ranges::reverse(reversed.rows);
  EXPECT_THAT(ToRecords({reversed}).records.at(0).trials.front().time_us, 4000);
}

TEST(Confirm, ClearsNothingThatFails) {
  const Remeasurement how{.rounds = 5};
  const ComparedCase crashed = Confirm(LookedSlower(), {.new_error = "crashed: SIGKILL"}, how, kDefaults);
  EXPECT_EQ(crashed.verdict, GateVerdict::kNewlyFailing);
  EXPECT_EQ(crashed.new_error, "crashed: SIGKILL");
  const ComparedCase unknown = Confirm(LookedSlower(), {.old_error = "timed_out: 5 s"}, how, kDefaults);
  EXPECT_EQ(unknown.verdict, GateVerdict::kSlower);
  EXPECT_THAT(unknown.note, HasSubstr("not cleared: the old program failed when it was measured again: timed_out"));
}

TEST(ParseShare, TakesPercentagesAndSharesBelowOne) {
  EXPECT_DOUBLE_EQ(ParseShare("--threshold", "5%"), 0.05);
  EXPECT_DOUBLE_EQ(ParseShare("--threshold", "2.5%"), 0.025);
  EXPECT_DOUBLE_EQ(ParseShare("--threshold", "0.05"), 0.05);
  EXPECT_DOUBLE_EQ(ParseShare("--threshold", "0"), 0);
  EXPECT_DOUBLE_EQ(ParseShare("--threshold", "150%"), 1.5);
  for (const char* bad : {"", "%", "5", "1", "-1%", "nan", "inf%", "5 %", "five", "5%%", "0.05x"}) {
    EXPECT_THROW(ParseShare("--threshold", bad), InputError) << bad;
  }
}

Comparison OfManyVerdicts() {
  const Case xl{.model = "xl", .context = 128}, large{.model = "large", .context = 128};
  return CompareRuns(RunOf({{.times_us = About(37730)},
                            {.c = kMedium, .times_us = About(1000)},
                            {.c = xl, .times_us = About(5000)},
                            {.c = large, .error = "crashed: SIGSEGV"}},
                           {{"gpu_name", "NVIDIA H100"}, {"git_commit", "0123456789abcdef-dirty"}}),
                     RunOf({{.times_us = About(41020)},
                            {.c = kMedium, .error = "out_of_memory: asked for `9` |\nGiB"},
                            {.c = xl, .times_us = About(4000)},
                            {.c = large, .times_us = About(1e6)}},
                           {{"gpu_name", "NVIDIA H100"}, {"git_commit", "fedcba9876543210"}}),
                     kDefaults);
}

TEST(GateReport, AsTextFitsATerminal) {
  EXPECT_EQ(ToText(OfManyVerdicts(), kDefaults), R"(baseline:  run.json (commit 0123456789ab-dirty, NVIDIA H100)
contender: run.json (commit fedcba987654, NVIDIA H100)
slower: the median grew by more than 5 % and p < 0.05 (two-sided Mann-Whitney U)

Differs between the runs:
  git_commit: 0123456789abcdef-dirty -> fedcba9876543210

Worse:
  medium  newly failing    1.00 ms -> out_of_memory
      out_of_memory: asked for `9` | GiB
  small   slower          37.73 ms -> 41.02 ms    +8.7 %  p 0.00018

Faster:
  xl  faster    5.00 ms -> 4.00 ms    −20.0 %  p 0.00018

Other cases:
  large  fixed    crashed -> 1.00 s

Failed: 2 of 4 cases are worse: 1 slower, 1 newly failing.
)");
}

TEST(GateReport, AsMarkdownBeginsWithTheVerdict) {
  EXPECT_EQ(ToMarkdown(OfManyVerdicts(), kDefaults), R"(### Failed: 2 of 4 cases are worse: 1 slower, 1 newly failing.

- baseline: `run.json (commit 0123456789ab-dirty, NVIDIA H100)`
- contender: `run.json (commit fedcba987654, NVIDIA H100)`
- slower: the median grew by more than 5 % and p < 0.05 (two-sided Mann-Whitney U)

#### Worse

| case   | verdict       |   baseline |     contender |   change |       p |
|:-------|:--------------|-----------:|--------------:|---------:|--------:|
| medium | newly failing |    1.00 ms | out_of_memory |          |         |
| small  | slower        |   37.73 ms |      41.02 ms |   +8.7 % | 0.00018 |

- medium: `out_of_memory: asked for '9' | GiB`

#### Faster

| case   | verdict   |   baseline |   contender |   change |       p |
|:-------|:----------|-----------:|------------:|---------:|--------:|
| xl     | faster    |    5.00 ms |     4.00 ms |  −20.0 % | 0.00018 |

#### Other cases

| case   | verdict   |   baseline |   contender |   change |   p |
|:-------|:----------|-----------:|------------:|---------:|----:|
| large  | fixed     |    crashed |      1.00 s |          |     |

#### Differs between the runs

| differs    | baseline               | contender        |
|:-----------|:-----------------------|:-----------------|
| git_commit | 0123456789abcdef-dirty | fedcba9876543210 |
)");
}

TEST(GateReport, AsMarkdownTakesNoMarkupFromARun) {
  const auto shown = [](const std::string& value) {
    const Comparison comparison = CompareRuns(RunOf({{.times_us = About(1000)}}, {{"note", "x"}}),
                                              RunOf({{.times_us = About(1000)}}, {{"note", value}}), kDefaults);
    const std::string text = ToMarkdown(comparison, kDefaults);
    const std::size_t end = text.find_last_not_of(" |\n") + 1, begin = text.rfind(" | ", end - 1) + 3;
    return text.substr(begin, end - begin);
  };
  EXPECT_EQ(shown("12.4"), "12.4");
  for (const std::string markup : {"<", ">", "&", "[", "]", "!", "*", "\\", "~", "#", "@", "://", "www."}) {
    EXPECT_EQ(shown("a" + markup + "b"), "`a" + markup + "b`");
  }
  EXPECT_EQ(shown("a`b"), "`a'b`");
  EXPECT_EQ(shown("a`<b>"), "`a'<b>`");
  EXPECT_EQ(shown("a|b"), "a\\|b");
}

TEST(GateReport, ShowsNoControlCharactersOfAProblem) {
  Comparison comparison =
      CompareRuns(RunOf({{.times_us = About(1000)}}), RunOf({{.times_us = About(1000)}}), kDefaults);
  comparison.problems = {"a\x1b[2J\n::error::b"};
  EXPECT_THAT(ToText(comparison, kDefaults), HasSubstr("\n  a [2J : :error::b\n"));
  EXPECT_THAT(ToMarkdown(comparison, kDefaults), HasSubstr("\n- `a [2J : :error::b`\n"));
}

TEST(GateReport, ShowsAsMuchOfAnErrorAsIsRead) {
  const Comparison comparison = CompareRuns(RunOf({{.times_us = About(1000)}}),
                                            RunOf({{.error = "crashed: " + std::string(1000, 'x')}}), kDefaults);
  EXPECT_THAT(ToMarkdown(comparison, kDefaults),
              HasSubstr("- small: `crashed: " + std::string(300 - 9, 'x') + " ...`\n"));
}

TEST(GateReport, PutsLongNamesOnLinesOfTheirOwn) {
  const Case before{.model = "a-model-of-somebody-with-a-long-name",
                    .context = 1024,
                    .pass = Pass::kForwardBackward,
                    .precision = Precision::kBf16,
                    .attention = Attention::kSdpa,
                    .warmups = 5};
  const Case other{.model = "small", .context = 128};
  const ContextMap model{{"model." + before.model, "vocab:5,d_model:4,d_ff:8,layers:1,heads:2"}};
  const Comparison comparison = CompareRuns(
      RunOf({{.c = before, .times_us = About(1000)}, {.c = other, .times_us = About(1500)}}, model),
      RunOf({{.c = before, .times_us = About(2000)}, {.c = other, .times_us = About(1500)}}, model), kDefaults);
  const std::string text = ToText(comparison, kDefaults);
  EXPECT_THAT(text, HasSubstr("  a-model-of-somebody-with-a-long-name context:1024 pass:forward_backward\n"
                              "  precision:bf16 attention:sdpa warmups:5\n"
                              "    slower    1.00 ms -> 2.00 ms   +100.0 %  p 0.00018\n"));
  for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    EXPECT_LE(end - begin, 80) << text.substr(begin, end - begin);
  }
}

TEST(GateReport, CountsRawAndConfirmedAlarms) {
  Comparison comparison =
      CompareRuns(RunOf({{.times_us = About(1000)}, {.c = kMedium, .times_us = About(1001)}}),
                  RunOf({{.times_us = About(1100)}, {.c = kMedium, .times_us = About(1101)}}), kDefaults);
  comparison.again = Remeasurement{.rounds = 5};
  const auto old_us = Processes({1000, 1001, 1002, 1003, 1004});
  comparison.cases[0] =
      Confirm(comparison.cases[0], {.old_us = old_us, .new_us = old_us}, *comparison.again, kDefaults);
  comparison.cases[1] =
      Confirm(comparison.cases[1], {.old_us = old_us, .new_us = Processes({1100, 1101, 1102, 1103, 1104})},
              *comparison.again, kDefaults);
  for (const std::string& report : {ToText(comparison, kDefaults), ToMarkdown(comparison, kDefaults)}) {
    EXPECT_THAT(report, AllOf(HasSubstr("2 cases looked slower at first: 1 confirmed, 1 cleared."), HasSubstr("medium"),
                              HasSubstr("small"), HasSubstr("cleared"), HasSubstr("1 of 2 cases is worse: 1 slower")));
  }
  comparison.again->with_old_binary = false;
  EXPECT_THAT(ToMarkdown(comparison, kDefaults), HasSubstr("The old program was not given (--baseline-binary)"));
}

}  // namespace
}  // namespace tbench
