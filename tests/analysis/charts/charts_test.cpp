#include "analysis/charts/charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "analysis/charts/chart_parts.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr auto kAllCharts = {TimeCharts, WarmUpCharts, TrialCharts, UtilisationCharts, PhaseCharts, KernelCharts};

std::vector<JudgedCase> Judged(const std::vector<Record>& records, const Machine& machine = {}) {
  return Judge(records, {machine});
}

std::vector<std::string> Titles(const std::vector<Plot>& charts) {
  std::vector<std::string> titles;
  for (const Plot& chart : charts) titles.push_back(chart.title);
  return titles;
}

std::vector<std::string> Texts(const Plot& chart) {
  std::vector<std::string> texts;
  for (const PlacedText& text : TextsOf(chart)) texts.push_back(text.text);
  return texts;
}

// Corners as numbers that compare equal.
testing::Matcher<PlotBox> BoxIs(double from_x, double from_y, double to_x, double to_y) {
  const auto point = [](double x, double y) {
    return AllOf(Field(&PlotPoint::x, DoubleEq(x)), Field(&PlotPoint::y, DoubleEq(y)));
  };
  return AllOf(Field(&PlotBox::from, point(from_x, from_y)), Field(&PlotBox::to, point(to_x, to_y)));
}
testing::Matcher<PlotBox> FirstBar(double from, double to) { return BoxIs(from, -0.36, to, 0.36); }

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
    for (const Plot& chart : charts(cases)) {
      names.insert(chart.name);
      ++count;
      EXPECT_TRUE(std::ranges::all_of(chart.name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      })) << chart.name;
      EXPECT_EQ(chart.width, 380);
      EXPECT_LT(PlotHeight(chart), 330) << chart.name;
      EXPECT_FALSE(chart.alt.empty());
    }
  }
  EXPECT_EQ(names.size(), count);
}

TEST(Charts, HaveEveryTrialOfThePublishedGrid) {
  std::size_t dots = 0;
  for (const Plot& chart : TrialCharts(Judged(PublishedRecords()))) dots += chart.series.at(1).points.size();
  EXPECT_EQ(dots, 600);
}

TEST(Charts, GiveAModelOneLookEvenWhereOthersFail) {
  const Case medium{.model = "medium", .context = 128, .pass = Pass::kForwardBackward, .warmups = 5};
  Case failed = kSmall, good = kLarge;
  failed.pass = good.pass = Pass::kForwardBackward;
  const auto charts = TimeCharts(Judged({TestRecord(kSmall, {1}), TestRecord(kLarge, {3}), TestRecord(medium, {2}),
                                         FailedTestRecord(failed, "crashed: x"), TestRecord(good, {9})}));
  ASSERT_THAT(charts, SizeIs(2));
  EXPECT_EQ(charts[0].series.at(1).ink, Ink::kGreen) << "large is third";
  EXPECT_EQ(charts[0].series.at(1).mark, Mark::kTriangle);
  EXPECT_EQ(charts[1].series.at(0).ink, Ink::kOrange) << "medium is second";
  EXPECT_EQ(charts[1].series.at(1).ink, Ink::kGreen);
}

TEST(TimeCharts, DrawTheMedianOfTheMostWarmedUpCaseAtEachContext) {
  const auto charts =
      TimeCharts(Judged({TestRecord(At(kSmall, 256), {20, 21, 90}), TestRecord(At(kSmall, 128, 0), {99, 98}),
                         TestRecord(At(kSmall, 128), {10, 11, 12})}));
  ASSERT_THAT(charts, SizeIs(1));
  ASSERT_THAT(charts[0].series, SizeIs(1));
  EXPECT_THAT(charts[0].series[0].points, ElementsAre(PlotPoint{128, 11}, PlotPoint{256, 21}));
  EXPECT_EQ(charts[0].name, "time-forward");
  EXPECT_EQ(charts[0].alt, "Median time of a step by context length, forward: small 11.00 ms at 128, 21.00 ms at 256.");
  EXPECT_TRUE(charts[0].x.log && charts[0].y.log);
  EXPECT_THAT(Texts(charts[0]), AllOf(Contains("128"), Contains("small")));
}

TEST(TimeCharts, LeaveOutAFailedCaseAndKeepTheRestOfItsLine) {
  const auto charts =
      TimeCharts(Judged({TestRecord(At(kSmall, 128), {10}), FailedTestRecord(At(kSmall, 256), "out_of_memory: x"),
                         TestRecord(At(kSmall, 512), {40}), FailedTestRecord(kLarge, "out_of_memory: x")}));
  ASSERT_THAT(charts, SizeIs(1));
  ASSERT_THAT(charts[0].series, SizeIs(1));
  EXPECT_THAT(charts[0].series[0].points, ElementsAre(PlotPoint{128, 10}, PlotPoint{512, 40}));
  EXPECT_THAT(Texts(charts[0]), Not(Contains("256")));
}

TEST(TimeCharts, OfOneContextHaveARange) {
  const auto charts = TimeCharts(Judged({TestRecord(kSmall, {10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_LT(charts[0].x.low, 128);
  EXPECT_GT(charts[0].x.high, 128);
}

TEST(TimeCharts, NameAVariantByTheAxesThatDiffer) {
  Case bf16 = kSmall;
  bf16.precision = Precision::kBf16;
  bf16.batch = 8;
  const auto charts = TimeCharts(Judged({TestRecord(bf16, {5}), TestRecord(kSmall, {10})}));
  EXPECT_THAT(Titles(charts),
              ElementsAre("Time of a step: forward, fp32, batch 4", "Time of a step: forward, bf16, batch 8"));
  EXPECT_EQ(charts[1].name, "time-forward-bf16-batch-8");
  const auto range = [](const Plot& chart) { return std::pair(chart.y.low, chart.y.high); };
  EXPECT_EQ(range(charts[0]), range(charts[1])) << "comparable at a glance";
}

TEST(TimeCharts, KeepLabelsOfEqualTimesApart) {
  std::vector<Record> records;
  for (const char* model : {"small", "medium", "large", "xl", "2.7B"})
    records.push_back(TestRecord({.model = model, .context = 128}, {10}));
  const auto charts = TimeCharts(Judged(records));
  ASSERT_THAT(charts, SizeIs(1));
  std::vector<double> heights;
  for (const PlacedText& text : TextsOf(charts[0])) {
    if (text.ink != Ink::kText && text.ink != Ink::kMuted) heights.push_back(text.y);
  }
  ASSERT_THAT(heights, SizeIs(5)) << "names are in the inks of their lines";
  std::ranges::sort(heights);
  for (std::size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 12.9);
}

TEST(WarmUpCharts, DrawTrialsOverTheSteadyTime) {
  const auto charts = WarmUpCharts(Judged({TestRecord(At(kSmall, 128, 0), {100, 11, 10, 10, 10, 10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "No warm-up: forward, context 128");
  ASSERT_THAT(charts[0].series, SizeIs(1));
  EXPECT_THAT(charts[0].series[0].points, ElementsAre(PlotPoint{1, 10}, PlotPoint{2, 1.1}, PlotPoint{3, 1},
                                                      PlotPoint{4, 1}, PlotPoint{5, 1}, PlotPoint{6, 1}));
  EXPECT_TRUE(charts[0].y.log);
  EXPECT_EQ(
      charts[0].alt,
      "Trials of cases without warm-ups over the steady time, forward, context 128. The first trials: small 10.00×.");
}

TEST(WarmUpCharts, AreLinearWhereTheFirstTrialIsHardlySlower) {
  const auto charts = WarmUpCharts(Judged({TestRecord(At(kSmall, 128, 0), {12, 10, 10, 10})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_FALSE(charts[0].x.log || charts[0].y.log);
}

TEST(TrialCharts, PutTrialsSideBySideInTheirOrderAndMarkTheMedian) {
  const auto charts = TrialCharts(Judged({TestRecord(At(kSmall, 256), {20, 22, 21}), TestRecord(At(kSmall, 128), {10}),
                                          FailedTestRecord(At(kSmall, 512), "crashed: x")}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "small, forward");
  EXPECT_THAT(charts[0].series.at(0).boxes, ElementsAre(BoxIs(-0.44, 10, 0.44, 10), BoxIs(0.56, 21, 1.44, 21)));
  EXPECT_THAT(charts[0].series.at(1).points,
              ElementsAre(PlotPoint{0, 10}, PlotPoint{0.62, 20}, PlotPoint{1, 22}, PlotPoint{1.38, 21}));
  EXPECT_THAT(Texts(charts[0]), AllOf(Contains("context"), Contains("256"), Not(Contains("512"))));
}

TEST(TrialCharts, AreLogarithmicOnlyWhereAColdTrialAsksForIt) {
  EXPECT_FALSE(TrialCharts(Judged({TestRecord(kSmall, {10, 11})}))[0].y.log);
  EXPECT_TRUE(TrialCharts(Judged({TestRecord(kSmall, {300, 11})}))[0].y.log);
}

TEST(TrialCharts, OfManyCasesAreSplitBetweenContexts) {
  std::vector<Record> records;
  for (const std::int64_t context : {64, 128, 256, 512, 1024}) {
    for (const std::int64_t warmups : {0, 1, 5}) records.push_back(TestRecord(At(kSmall, context, warmups), {10, 10}));
  }
  const auto charts = TrialCharts(Judged(records));
  ASSERT_THAT(charts, SizeIs(2));
  EXPECT_THAT(charts[0].series.at(0).boxes, SizeIs(12));
  EXPECT_THAT(charts[1].series.at(0).boxes, SizeIs(3));
  EXPECT_THAT(Texts(charts[1]), Contains("1024"));
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
  EXPECT_THAT(charts[0].series.at(0).boxes, ElementsAre(FirstBar(0, share)));
  EXPECT_EQ(charts[0].series.at(0).ink, Ink::kBlue);
  EXPECT_EQ(charts[0].series.at(3).points.at(0), (PlotPoint{100 * *cases[0].throughput->of_peak, 0}));
  EXPECT_THAT(Texts(charts[0]), AllOf(Contains("of this run's ceiling"), Contains("of the data sheet's peak")));
  EXPECT_THAT(charts[0].rules, ElementsAre(AllOf(Field(&PlotRule::vertical, true), Field(&PlotRule::at, 100))));
}

TEST(UtilisationCharts, DrawTheDataSheetAsBarsWhereTheRunHasNoCeilings) {
  const auto charts = UtilisationCharts(Judged({TestRecord(kSmall, {10})}, WithPeaks({})));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_THAT(charts[0].series, SizeIs(1));
  EXPECT_THAT(Texts(charts[0]), AllOf(Contains("of the data sheet's peak"), Not(Contains(HasSubstr("ceiling")))));
}

TEST(UtilisationCharts, ReachBeyondTheHundredWhereACaseDoes) {
  const auto cases = Judged({TestRecord(kSmall, {1})}, WithPeaks(40e12));
  ASSERT_GT(*cases[0].throughput->of_ceiling, 1.2);
  const Plot chart = UtilisationCharts(cases)[0];
  EXPECT_GT(chart.x.high, 120);
  EXPECT_EQ(chart.rules.at(0).at, 100);
}

TEST(PhaseCharts, StackTheMediansAndWhatTheyLeave) {
  Case step = kSmall;
  step.pass = Pass::kTrainStep;
  const auto charts = PhaseCharts(
      Judged({TestRecord(step, {10, 10}, {{"forward_us", 2500}, {"backward_us", 5000}, {"optimizer_us", 1500}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_EQ(charts[0].title, "Phases: train_step");
  EXPECT_THAT(charts[0].series.at(0).boxes, ElementsAre(FirstBar(0, 25)));
  EXPECT_THAT(charts[0].series.at(1).boxes, ElementsAre(FirstBar(25, 75)));
  EXPECT_THAT(charts[0].series.at(2).boxes, ElementsAre(FirstBar(75, 90)));
  EXPECT_THAT(charts[0].series.at(3).boxes, ElementsAre(FirstBar(90, 100)));
  EXPECT_THAT(Texts(charts[0]), Contains("10.00 ms"));
  EXPECT_THAT(charts[0].alt, HasSubstr("small · 128: forward 25 %, backward 50 %, optimizer 15 %, rest 10 %."));
}

TEST(PhaseCharts, OfOnePhaseAreNone) {
  EXPECT_THAT(PhaseCharts(Judged({TestRecord(kSmall, {10}, {{"forward_us", 9900}})})), IsEmpty());
}

TEST(KernelCharts, ScaleClassesToTheBusyTimeAndShowTheIdleRest) {
  const auto charts = KernelCharts(Judged(
      {TestRecord(kSmall, {10}, {{"profile_busy_us", 6000}, {"profile_matmul_us", 6000}, {"profile_copy_us", 2000}})}));
  ASSERT_THAT(charts, SizeIs(1));
  EXPECT_THAT(charts[0].series.at(0).boxes, ElementsAre(FirstBar(0, 45)));
  EXPECT_THAT(charts[0].series.at(1).boxes, ElementsAre(FirstBar(45, 60)));
  EXPECT_THAT(charts[0].series.at(2).boxes, ElementsAre(FirstBar(60, 100)));
  EXPECT_THAT(charts[0].alt, HasSubstr("small · 128: matmul 45 %, copy 15 %, idle 40 %."));
  EXPECT_THAT(Texts(charts[0]), Not(Contains("softmax"))) << "no legend for what does not occur";
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
  EXPECT_THAT(charts[0].series.at(0).boxes, ElementsAre(FirstBar(0, 100)));
  EXPECT_THAT(Texts(charts[0]), Not(Contains("idle")));
}

TEST(KernelCharts, OfManyCasesAreSplit) {
  std::vector<Record> records;
  for (std::int64_t context = 1; context <= 30; ++context) {
    records.push_back(TestRecord(At(kSmall, context), {10}, {{"profile_busy_us", 6000}, {"profile_matmul_us", 6000}}));
  }
  EXPECT_THAT(KernelCharts(Judged(records)), SizeIs(2));
}

}  // namespace
}  // namespace tbench
