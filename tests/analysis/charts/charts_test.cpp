#include "analysis/charts/charts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "analysis/charts/chart_parts.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto kAllCharts = {TimeCharts, WarmUpCharts, TrialCharts, UtilisationCharts, PhaseCharts, KernelCharts};

std::vector<JudgedCase> Judged(const std::vector<Record>& records, const Machine& machine = {}) {
  return Judge(records, {machine});
}

std::vector<std::string> Titles(const std::vector<Chart>& charts) {
  std::vector<std::string> titles;
  for (const Chart& chart : charts) titles.push_back(chart.title);
  return titles;
}

// The data block with that number, and its series' part of the plot command.
std::string Data(const Chart& chart, int index) {
  const std::string begin = fmt::format("$data{} << END\n", index);
  const std::size_t from = chart.script.find(begin);
  if (from == std::string::npos) return "none";
  return chart.script.substr(from + begin.size(),
                             chart.script.find("END\n", from + begin.size()) - from - begin.size());
}
std::string With(const Chart& chart, int index) {
  const std::size_t from = chart.script.find(fmt::format("$data{} with ", index));
  return from == std::string::npos ? "none" : chart.script.substr(from, chart.script.find('\n', from) - from);
}
int SeriesCount(const Chart& chart) {
  int count = 0;
  while (Data(chart, count) != "none") ++count;
  return count;
}

const Case kSmall{.model = "small", .context = 128, .warmups = 5};
const Case kLarge{.model = "large", .context = 128, .warmups = 5};

Case At(Case c, std::int64_t context, std::int64_t warmups = 5) {
  c.context = context;
  c.warmups = warmups;
  return c;
}

TEST(Charts, OfNothingAreNone) {
  for (const auto charts : kAllCharts) EXPECT_THAT(charts({}), IsEmpty());
}

TEST(Charts, OfFailedCasesAloneAreNone) {
  Record late = TestRecord(kLarge, {10, 10, 10, 10, 10}, {{"profile_busy_us", 6000}, {"profile_matmul_us", 6000}});
  late.c.warmups = 0;
  late.error = "numerics: the loss is not finite";  // of its last trial
  const auto cases = Judged({FailedTestRecord(kSmall, "out_of_memory: 2 GB asked"), late});
  for (const auto charts : kAllCharts) EXPECT_THAT(charts(cases), IsEmpty());
}

TEST(Charts, ThatLackTheirCountersAreNone) {
  const auto cases = Judged({TestRecord(kSmall, {10, 10, 10, 10})});
  EXPECT_THAT(WarmUpCharts(cases), IsEmpty()) << "5 warm-ups";
  EXPECT_THAT(UtilisationCharts(cases), IsEmpty()) << "no peak is known";
  EXPECT_THAT(PhaseCharts(cases), IsEmpty());
  EXPECT_THAT(KernelCharts(cases), IsEmpty());
}

TEST(Charts, OfThePublishedGridAreSmallMultiplesWithNamesOfTheirOwn) {
  const auto cases = Judged(PublishedRecords());
  EXPECT_THAT(Titles(TimeCharts(cases)), ElementsAre("Time of a step: forward", "Time of a step: forward_backward"));
  EXPECT_THAT(Titles(WarmUpCharts(cases)),
              ElementsAre("No warm-up: forward, context 128", "No warm-up: forward, context 256",
                          "No warm-up: forward_backward, context 128", "No warm-up: forward_backward, context 256"));
  EXPECT_THAT(Titles(TrialCharts(cases)),
              ElementsAre("small, forward", "medium, forward", "large, forward", "xl, forward", "2.7B, forward",
                          "small, forward_backward", "medium, forward_backward", "large, forward_backward",
                          "xl, forward_backward", "2.7B, forward_backward"));
  EXPECT_THAT(Titles(PhaseCharts(cases)), ElementsAre("Phases: forward_backward"));
  std::set<std::string> names;
  std::size_t count = 0;
  for (const auto charts : kAllCharts) {
    for (const Chart& chart : charts(cases)) {
      names.insert(chart.name);
      ++count;
      EXPECT_TRUE(std::ranges::all_of(chart.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      })) << chart.name;
      EXPECT_EQ(chart.width, 380);
      EXPECT_LT(chart.height, 330) << chart.name;
      EXPECT_FALSE(chart.alt.empty());
    }
  }
  EXPECT_EQ(names.size(), count);
}

TEST(Charts, HaveEveryTrialOfThePublishedGrid) {
  std::ptrdiff_t dots = 0;
  for (const Chart& chart : TrialCharts(Judged(PublishedRecords()))) dots += std::ranges::count(Data(chart, 1), '\n');
  EXPECT_EQ(dots, 600);
}

TEST(Charts, GiveAModelOneLookEvenWhereOthersFail) {
  const Case medium{.model = "medium", .context = 128, .pass = Pass::kForwardBackward, .warmups = 5};
  Case failed = kSmall, good = kLarge;
  failed.pass = good.pass = Pass::kForwardBackward;
  const auto charts = TimeCharts(Judged({TestRecord(kSmall, {1}), TestRecord(kLarge, {3}), TestRecord(medium, {2}),
                                         FailedTestRecord(failed, "crashed: x"), TestRecord(good, {9})}));
  ASSERT_THAT(charts, SizeIs(2));
  EXPECT_THAT(With(charts[0], 1), HasSubstr("pointtype 9 pointsize 0.9 linecolor rgb '#007a5a'")) << "large is third";
  EXPECT_THAT(With(charts[1], 0), HasSubstr("#b34700")) << "medium is second";
  EXPECT_THAT(With(charts[1], 1), HasSubstr("#007a5a"));
}

TEST(TimeCharts, DrawTheMedianOfTheMostWarmedUpCaseAtEachContext) {
  const auto charts =
      TimeCharts(Judged({TestRecord(At(kSmall, 256), {20, 21, 90}), TestRecord(At(kSmall, 128, 0), {99, 98}),
                         TestRecord(At(kSmall, 128), {10, 11, 12})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(Data(charts[0], 0), "128 11\n256 21\n");
  EXPECT_EQ(SeriesCount(charts[0]), 1);
  EXPECT_EQ(charts[0].name, "time-forward");
  EXPECT_EQ(charts[0].alt, "Median time of a step by context length, forward: small 11.00 ms at 128, 21.00 ms at 256.");
  EXPECT_THAT(charts[0].script, AllOf(HasSubstr("set logscale x\n"), HasSubstr("set logscale y\n"),
                                      HasSubstr("set label '128' "), HasSubstr("set label 'small' ")));
}

TEST(TimeCharts, LeaveOutAFailedCaseAndKeepTheRestOfItsLine) {
  const auto charts =
      TimeCharts(Judged({TestRecord(At(kSmall, 128), {10}), FailedTestRecord(At(kSmall, 256), "out_of_memory: x"),
                         TestRecord(At(kSmall, 512), {40}), FailedTestRecord(kLarge, "out_of_memory: x")}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(SeriesCount(charts[0]), 1);
  EXPECT_EQ(Data(charts[0], 0), "128 10\n512 40\n");
  EXPECT_THAT(charts[0].script, Not(HasSubstr("'256'")));
}

TEST(TimeCharts, OfOneContextHaveARange) {
  const auto charts = TimeCharts(Judged({TestRecord(kSmall, {10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_THAT(charts[0].script, HasSubstr("set xrange [123.07692:133.12]"));
}

TEST(TimeCharts, NameAVariantByTheAxesThatDiffer) {
  Case bf16 = kSmall;
  bf16.precision = Precision::kBf16;
  bf16.batch = 8;
  const auto charts = TimeCharts(Judged({TestRecord(bf16, {5}), TestRecord(kSmall, {10})}));
  EXPECT_THAT(Titles(charts),
              ElementsAre("Time of a step: forward, fp32, batch 4", "Time of a step: forward, bf16, batch 8"));
  EXPECT_EQ(charts[1].name, "time-forward-bf16-batch-8");
  const auto range = [](const Chart& chart) { return chart.script.substr(chart.script.find("set yrange"), 40); };
  EXPECT_EQ(range(charts[0]), range(charts[1])) << "comparable at a glance";
}

TEST(TimeCharts, KeepLabelsOfEqualTimesApart) {
  std::vector<Record> records;
  for (const char* model : {"small", "medium", "large", "xl", "2.7B"})
    records.push_back(TestRecord({.model = model, .context = 128}, {10}));
  const auto charts = TimeCharts(Judged(records));
  ASSERT_THAT(charts, SizeIs(1));
  std::vector<double> heights;
  for (const char* model : {"small", "medium", "large", "xl", "2.7B"}) {
    const std::string label = fmt::format("set label '{}' at screen ", model);
    const std::size_t at = charts[0].script.find(',', charts[0].script.find(label)) + 1;
    heights.push_back(std::stod(charts[0].script.substr(at)) * charts[0].height);
  }
  std::ranges::sort(heights);
  for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 12.9);
}

TEST(WarmUpCharts, DrawTrialsOverTheSteadyTime) {
  const auto charts = WarmUpCharts(Judged({TestRecord(At(kSmall, 128, 0), {100, 11, 10, 10, 10, 10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "No warm-up: forward, context 128");
  EXPECT_EQ(Data(charts[0], 0), "1 10\n2 1.1\n3 1\n4 1\n5 1\n6 1\n");
  EXPECT_THAT(charts[0].script, HasSubstr("set logscale y"));
  EXPECT_EQ(
      charts[0].alt,
      "Trials of cases without warm-ups over the steady time, forward, context 128. The first trials: small 10.00×.");
}

TEST(WarmUpCharts, AreLinearWhereTheFirstTrialIsHardlySlower) {
  const auto charts = WarmUpCharts(Judged({TestRecord(At(kSmall, 128, 0), {12, 10, 10, 10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_THAT(charts[0].script, Not(HasSubstr("logscale")));
}

TEST(TrialCharts, PutTrialsSideBySideInTheirOrderAndMarkTheMedian) {
  const auto charts = TrialCharts(Judged({TestRecord(At(kSmall, 256), {20, 22, 21}), TestRecord(At(kSmall, 128), {10}),
                                          FailedTestRecord(At(kSmall, 512), "crashed: x")}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "small, forward");
  EXPECT_EQ(Data(charts[0], 0), "-0.44 10 0.88 0\n0.56 21 0.88 0\n");
  EXPECT_EQ(Data(charts[0], 1), "0 10\n0.62 20\n1 22\n1.38 21\n");
  EXPECT_THAT(charts[0].script,
              AllOf(HasSubstr("set label 'context'"), HasSubstr("set label '256'"), Not(HasSubstr("'512'"))));
}

TEST(TrialCharts, AreLogarithmicOnlyWhereAColdTrialAsksForIt) {
  EXPECT_THAT(TrialCharts(Judged({TestRecord(kSmall, {10, 11})}))[0].script, Not(HasSubstr("logscale")));
  EXPECT_THAT(TrialCharts(Judged({TestRecord(kSmall, {300, 11})}))[0].script, HasSubstr("set logscale y"));
}

TEST(TrialCharts, OfManyCasesAreSplitBetweenContexts) {
  std::vector<Record> records;
  for (const std::int64_t context : {64, 128, 256, 512, 1024}) {
    for (const std::int64_t warmups : {0, 1, 5}) records.push_back(TestRecord(At(kSmall, context, warmups), {10, 10}));
  }
  const auto charts = TrialCharts(Judged(records));
  ASSERT_THAT(charts, SizeIs(2));
  EXPECT_EQ(std::ranges::count(Data(charts[0], 0), '\n'), 12);
  EXPECT_EQ(std::ranges::count(Data(charts[1], 0), '\n'), 3);
  EXPECT_THAT(charts[1].script, HasSubstr("set label '1024'"));
}

Machine WithPeaks(std::optional<double> run) {
  Machine machine{.is_gpu = true, .gpu = GpuPeaks{.name = "a GPU", .fp32_flops = 50e12}};
  if (run) machine.ceilings.gemm = {{.precision = Precision::kFp32, .size = 8192, .flops_per_second = *run}};
  return machine;
}

TEST(UtilisationCharts, DrawTheRunsCeilingAsBarsAndTheDataSheetAsMarks) {
  const auto cases = Judged({TestRecord(kSmall, {10}), TestRecord(kLarge, {100})}, WithPeaks(40e12));
  const auto charts = UtilisationCharts(cases);
  ASSERT_THAT(charts, SizeIs(1));
  const double share = 100 * *cases[0].throughput->of_ceiling;
  EXPECT_THAT(Data(charts[0], 0), HasSubstr(fmt::format("{:.8g} 0 0 {:.8g} -0.36 0.36\n", share / 2, share)));
  EXPECT_THAT(With(charts[0], 0), HasSubstr("boxxyerror linecolor rgb '#0064a8'"));
  EXPECT_THAT(Data(charts[0], 3), HasSubstr(fmt::format("{:.8g} 0\n", 100 * *cases[0].throughput->of_peak)));
  EXPECT_THAT(charts[0].script, AllOf(HasSubstr("'of this run''s ceiling'"), HasSubstr("'of the data sheet''s peak'"),
                                      HasSubstr("set arrow from first 100, graph 0")));
}

TEST(UtilisationCharts, DrawTheDataSheetAsBarsWhereTheRunHasNoCeilings) {
  const auto charts = UtilisationCharts(Judged({TestRecord(kSmall, {10})}, WithPeaks({})));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(SeriesCount(charts[0]), 1);
  EXPECT_THAT(charts[0].script, AllOf(HasSubstr("'of the data sheet''s peak'"), Not(HasSubstr("ceiling"))));
}

TEST(UtilisationCharts, ReachBeyondTheHundredWhereACaseDoes) {
  const auto cases = Judged({TestRecord(kSmall, {1})}, WithPeaks(40e12));
  ASSERT_GT(*cases[0].throughput->of_ceiling, 1.2);
  const std::string script = UtilisationCharts(cases)[0].script;
  EXPECT_THAT(script, Not(HasSubstr("set xrange [0:100]")));
  EXPECT_THAT(script, HasSubstr("set arrow from first 100, graph 0"));
}

TEST(PhaseCharts, StackTheMediansAndWhatTheyLeave) {
  Case step = kSmall;
  step.pass = Pass::kTrainStep;
  const auto charts = PhaseCharts(
      Judged({TestRecord(step, {10, 10}, {{"forward_us", 2500}, {"backward_us", 5000}, {"optimizer_us", 1500}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "Phases: train_step");
  EXPECT_EQ(Data(charts[0], 0), "12.5 0 0 25 -0.36 0.36\n");
  EXPECT_EQ(Data(charts[0], 1), "50 0 25 75 -0.36 0.36\n");
  EXPECT_EQ(Data(charts[0], 2), "82.5 0 75 90 -0.36 0.36\n");
  EXPECT_THAT(Data(charts[0], 3), HasSubstr("95 0 90 "));
  EXPECT_THAT(charts[0].script, HasSubstr("'10.00 ms'"));
  EXPECT_THAT(charts[0].alt, HasSubstr("small · 128: forward 25 %, backward 50 %, optimizer 15 %, rest 10 %."));
}

TEST(PhaseCharts, OfOnePhaseAreNone) {
  EXPECT_THAT(PhaseCharts(Judged({TestRecord(kSmall, {10}, {{"forward_us", 9900}})})), IsEmpty());
}

TEST(KernelCharts, ScaleClassesToTheBusyTimeAndShowTheIdleRest) {
  const auto charts = KernelCharts(Judged(
      {TestRecord(kSmall, {10}, {{"profile_busy_us", 6000}, {"profile_matmul_us", 6000}, {"profile_copy_us", 2000}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(Data(charts[0], 0), "22.5 0 0 45 -0.36 0.36\n");
  EXPECT_EQ(Data(charts[0], 1), "52.5 0 45 60 -0.36 0.36\n");
  EXPECT_EQ(Data(charts[0], 2), "80 0 60 100 -0.36 0.36\n");
  EXPECT_THAT(charts[0].alt, HasSubstr("small · 128: matmul 45 %, copy 15 %, idle 40 %."));
  EXPECT_THAT(charts[0].script, Not(HasSubstr("'softmax'"))) << "no legend for what does not occur";
}

TEST(KernelCharts, ShowTheGapsOfTheProfiledStepWhereItWasFasterThanTheMedian) {
  const auto charts = KernelCharts(Judged(
      {TestRecord(kSmall, {10}, {{"profile_busy_us", 6000}, {"profile_span_us", 8000}, {"profile_matmul_us", 6000}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_THAT(charts[0].alt, HasSubstr("Kernels as shares of the step, "));
  EXPECT_THAT(charts[0].alt, HasSubstr("small · 128: matmul 75 %, idle 25 %."));
}

TEST(KernelCharts, AreNeverMoreThanTheStep) {
  const auto charts =
      KernelCharts(Judged({TestRecord(kSmall, {10}, {{"profile_busy_us", 12'000}, {"profile_matmul_us", 12'000}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(Data(charts[0], 0), "50 0 0 100 -0.36 0.36\n");
  EXPECT_THAT(charts[0].script, Not(HasSubstr("'idle'")));
}

TEST(KernelCharts, OfManyCasesAreSplit) {
  std::vector<Record> records;
  for (std::int64_t context = 1; context <= 30; ++context) {
    records.push_back(TestRecord(At(kSmall, context), {10}, {{"profile_busy_us", 6000}, {"profile_matmul_us", 6000}}));
  }
  EXPECT_THAT(KernelCharts(Judged(records)), SizeIs(2));
}

TEST(Slug, HoldsOnlyWhatAFilesNameMay) {
  EXPECT_EQ(Slug("trials 2.7B forward_backward, batch 8"), "trials-2-7b-forward-backward-batch-8");
  EXPECT_EQ(Slug("../../x"), "x");
}

}  // namespace
}  // namespace tbench
