#include "analysis/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/report/report_findings.h"
#include "analysis/tables/document_markdown.h"
#include "analysis/verdicts/judged_case.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

std::string TestData(const std::string& name) { return ReadFile(TBENCH_TESTDATA "/" + name); }

std::string Report(const std::vector<RunFile>& runs) {
  return ToMarkdown(MakeReport(JudgeRuns(runs, ToRecords(runs))));
}

std::string ReportOf(const std::string& path) { return Report({ParseRunFile(TestData(path))}); }

std::vector<std::string> FindingsOf(const std::vector<Record>& records, const Machine& machine = {},
                                    const std::vector<std::string>& problems = {}) {
  return Findings(Judge(records, {machine}), {machine}, problems);
}

std::string ShortNameOf(const JudgedCase& judged) {
  return judged.record.c.model + " " + std::to_string(judged.record.c.warmups);
}

const Case kSmall{.model = "small", .context = 128, .warmups = 5};

TEST(Report, OfTheReferenceIsTheGoldenOne) {
  EXPECT_EQ(ReportOf("reference/run.json"), TestData("reference/report.md"));
}

TEST(Report, OfARunWithEveryReadingIsTheGoldenOne) {
  EXPECT_EQ(ReportOf("verdicts/run.json"), TestData("verdicts/report.md"));
}

TEST(Report, OfARunWithVariantsAndPeersIsTheGoldenOne) {
  RunFile run = ParseRunFile(TestData("variants/run.json")), peers = ParseRunFile(TestData("variants/peers.json"));
  run.source = "run.json";
  peers.source = "peers.json";
  EXPECT_EQ(Report({run, peers}), TestData("variants/report.md"));
  run.rows.insert(run.rows.end(), peers.rows.begin(), peers.rows.end());
  EXPECT_THAT(Report({run}), HasSubstr("bf16 PyTorch compile_graph")) << "of one file";
}

TEST(Report, OfPeersAloneJudgesNothing) {
  EXPECT_THAT(ReportOf("variants/peers.json"), HasSubstr("## Verdicts\n\n* Peers alone: no case to judge.\n"));
}

TEST(Report, TellsPeersOfOtherHardware) {
  const RunFile run = ParseRunFile(TestData("variants/run.json"));
  RunFile peers = ParseRunFile(TestData("variants/peers.json"));
  EXPECT_THAT(HardwareWarning({run, peers}, ToRecords({run, peers})), IsEmpty());
  peers.source = "peers.json";
  peers.context["gpu_name"] = "NVIDIA L4";
  EXPECT_THAT(Report({run, peers}), HasSubstr("**Other hardware:** peers of peers.json were measured on NVIDIA L4, "
                                              "cases of A run on NVIDIA H100 80GB HBM3: their times do not compare."));
}

TEST(Report, TellsPeersOfOtherThreadsOnACpu) {
  RunFile run = ParseRunFile(TestData("variants/run.json")), peers = ParseRunFile(TestData("variants/peers.json"));
  for (RunFile* const file : {&run, &peers})
    file->context = {{"device", "cpu"}, {"cpu_name", "Xeon"}, {"threads", "8"}};
  EXPECT_THAT(HardwareWarning({run, peers}, ToRecords({run, peers})), IsEmpty());
  peers.context["threads"] = "1";
  EXPECT_EQ(HardwareWarning({run, peers}, ToRecords({run, peers})),
            "peers of A run were measured on Xeon, 1 threads, cases of A run on Xeon, 8 threads: their times do not "
            "compare");
  run.context["gpu_name"] = peers.context["gpu_name"] = "NVIDIA L4";
  EXPECT_THAT(HardwareWarning({run, peers}, ToRecords({run, peers})), IsEmpty()) << "threads of a GPU's host";
}

TEST(Report, NamesTheAttentionBackendWhereThereIsOne) {
  RunFile run = ParseRunFile(TestData("variants/run.json"));
  EXPECT_THAT(Report({run}), Not(HasSubstr("| backend")));
  for (Row& row : run.rows) {
    if (row.name.find("attention:sdpa") != std::string::npos) row.label = "attention_backend:cudnn";
  }
  EXPECT_THAT(Report({run}), HasSubstr("| bf16 sdpa fused graph     | cudnn "));
}

TEST(Report, DoesNotDependOnTheOrderOfCases) {
  RunFile run = ParseRunFile(TestData("reference/run.json"));
  std::ranges::stable_sort(run.rows, std::greater<>{}, &Row::name);
  EXPECT_EQ(Report({run}), TestData("reference/report.md"));
}

TEST(Report, OfNothingSaysSo) {
  EXPECT_EQ(Report({}), "# Benchmark report\n\n## Verdicts\n\n* No results found.\n");
  EXPECT_EQ(Report({RunFile{}}), Report({}));
}

TEST(Report, OfACpuHasNoSectionOfAGpu) {
  RunFile run = ParseRunFile(TestData("verdicts/run.json"));
  run.context = {{"device", "cpu"}, {"cpu_name", "A CPU"}};
  for (Row& row : run.rows) row.counters.clear();
  const std::string report = Report({run});
  for (const char* absent :
       {"GPU idle", "peak reserved", "## Clocks", "No verdict", "MFU", "of peak", "data sheet's"}) {
    EXPECT_THAT(report, Not(HasSubstr(absent)));
  }
}

TEST(Report, NamesEachOfSeveralRuns) {
  RunFile a = ParseRunFile(TestData("verdicts/run.json")), b = a;
  a.source = "a/run.json";
  b.source = "b/run.json";
  b.context["gpu_name"] = "NVIDIA H100 PCIe";
  const std::string report = Report({a, b});
  EXPECT_THAT(report, HasSubstr("### a/run.json"));
  EXPECT_THAT(report, HasSubstr("### b/run.json"));
  EXPECT_THAT(report, HasSubstr("H100 PCIe, FP32 51.2"));
  EXPECT_THAT(report, HasSubstr("occurs in several files"));
}

TEST(Report, HoldsCasesAgainstTheMachineOfTheirOwnRun) {
  RunFile a = ParseRunFile(TestData("verdicts/run.json")), b = a;
  std::erase_if(a.rows, [](const Row& row) { return row.name.starts_with("transformer_step"); });
  b.context["gpu_name"] = "NVIDIA L4";  // 30.3 TFLOP/s in FP32
  std::erase_if(b.rows, [](const Row& row) { return row.name.starts_with("ceiling"); });
  EXPECT_THAT(Report({a, b}), HasSubstr("more than the data sheet's 30.30 TFLOP/s"));
}

TEST(Report, OfKernelsByThemselvesHoldsThemAgainstTheCopy) {
  RunFile run;
  const auto add = [&run](const std::string& name, double time_us, double bytes_per_second) {
    run.rows.push_back({.name = name + "/iterations:1/repeats:5/manual_time",
                        .real_time_us = time_us,
                        .counters = {{"bytes_per_second", bytes_per_second}},
                        .label = "",
                        .error = {}});
  };
  add("kernel/rms_norm/direction:forward/precision:bf16/rows:4096/width:2560", 10.5, 4e12);
  add("kernel/adamw/precision:bf16/parameters:8", 1234.4, 3.8e12);
  add("ceiling/copy/bytes:1073741824", 500, 4e12);
  run.rows.push_back({.name = "kernel/swiglu/direction:backward/precision:fp32/rows:8/width:16",
                      .real_time_us = {},
                      .label = "",
                      .error = "out_of_memory: 9 GB"});
  EXPECT_THAT(
      Report({run}),
      HasSubstr(
          R"(| kernel   | direction   | precision   | shape                 |            µs |   GB/s | of copy   |
|:---------|:------------|:------------|:----------------------|--------------:|-------:|:----------|
| rms_norm | forward     | bf16        | rows 4096, width 2560 |         10.50 |   4000 | 100 %     |
| adamw    |             | bf16        | parameters 8          |       1234    |   3800 | 95 %      |
| swiglu   | backward    | fp32        | rows 8, width 16      | out of memory |        |           |
)"));
}

TEST(Report, OfKernelsWithAProductInThemHoldsThemAgainstTheGemmToo) {
  RunFile run;
  const auto add = [&run](const std::string& name, const std::map<std::string, double>& counters) {
    run.rows.push_back({.name = name, .real_time_us = 100, .counters = counters, .label = "", .error = {}});
  };
  add("kernel/swiglu_product/direction:backward/precision:bf16/rows:8/in:16/width:24/iterations:1/repeats:5/"
      "manual_time",
      {{"bytes_per_second", 2e12}, {"flops_per_second", 5e14}});
  add("ceiling/copy/bytes:1073741824", {{"bytes_per_second", 4e12}});
  add("ceiling/gemm/precision:bf16/size:8192", {{"flops_per_second", 8e14}});
  EXPECT_THAT(
      Report({run}),
      HasSubstr(
          R"(| kernel         | direction   | precision   | shape                   |    µs |   GB/s | of copy   |   TFLOP/s | of gemm   |
|:---------------|:------------|:------------|:------------------------|------:|-------:|:----------|----------:|:----------|
| swiglu_product | backward    | bf16        | rows 8, in 16, width 24 | 100.0 |   2000 | 50 %      |     500.0 | 62 %      |
)"));
}

TEST(Findings, OfGoodCasesSayThatNothingStandsOut) {
  EXPECT_THAT(FindingsOf({TestRecord(kSmall, {10, 10, 10, 10})}), ElementsAre("Nothing stands out."));
}

TEST(Findings, NameThreeOfMany) {
  std::vector<Record> records;
  for (int i = 1; i <= 5; ++i) {
    records.push_back(
        FailedTestRecord({.model = "small", .context = 128, .batch = i, .warmups = 5}, "crashed: signal 11"));
  }
  records.push_back(TestRecord(kSmall, {10, 10, 10, 10}));
  records.back().c.batch = 6;
  EXPECT_THAT(FindingsOf(records),
              ElementsAre("**Failed:** 5 of 6 cases: small, 128, forward, batch 1, 5 warm-ups (crashed); small, 128, "
                          "forward, batch 2, 5 warm-ups (crashed); small, 128, forward, batch 3, 5 warm-ups (crashed); "
                          "and 2 more."));
}

TEST(Findings, TellWhatCouldNotBeReadFirst) {
  EXPECT_THAT(FindingsOf({TestRecord(kSmall, {10, 10})}, {}, {"run.json: the file is cut"}),
              ElementsAre("**Not read:** run.json: the file is cut."));
}

TEST(Findings, TellCasesThatWereNotCold) {
  Case cold = kSmall;
  cold.warmups = 0;
  Record record = TestRecord(cold, {50, 10, 10, 10});
  for (std::size_t i = 0; i < 4; ++i) record.trials[i].counters["steps_before"] = 15 + double(i);
  EXPECT_THAT(FindingsOf({record}),
              ElementsAre(StartsWith("**Not cold:** 1 of 1 case: small, 128, forward, 0 warm-ups (15 steps before)."),
                          StartsWith("**Warm-up:**")));
}

TEST(Findings, TellAClockThatFellWithoutAReason) {
  Record record = TestRecord(kSmall, {10, 10, 10});
  record.trials.front().counters["sm_clock_before_mhz"] = 1980;
  record.trials.back().counters["sm_clock_after_mhz"] = 1200;
  EXPECT_THAT(FindingsOf({record}), ElementsAre(HasSubstr("**The SM clock fell:** 1 of 1 case")));
}

TEST(Findings, TellTheTimersBiasWhereItIsSmallToo) {
  Machine machine{.is_gpu = false, .gpu = {}, .memory_bytes = {}, .ceilings = {}};
  machine.ceilings.timer_bias_us = 6.4;
  EXPECT_THAT(FindingsOf({TestRecord(kSmall, {10, 10})}, machine),
              ElementsAre("Nothing stands out.", HasSubstr("reads 6.40 µs by a trial's own procedure, 0.1 % of")));
}

TEST(Findings, TellADriftOfTheCeilings) {
  Machine machine;
  machine.ceilings.drifts = {{.name = "ceiling/launch", .first = 100, .last = 98, .share = -0.02},
                             {.name = "ceiling/copy/bytes:1", .first = 100, .last = 96, .share = -0.04}};
  EXPECT_THAT(FindingsOf({TestRecord(kSmall, {10, 10})}, machine),
              ElementsAre("**The machine changed during the run:** `ceiling/copy/bytes:1` ran 4.0 % slower at the end "
                          "than at the start."));
}

TEST(Findings, OfWarmUpsCountCases) {
  Case a = kSmall, b = kSmall, c = kSmall;
  a.warmups = b.warmups = c.warmups = 0;
  b.context = 256;
  c.context = 512;
  const auto findings = FindingsOf({TestRecord(a, {150, 10, 10, 10, 10, 10}), TestRecord(b, {150, 15, 10, 10, 10, 10}),
                                    TestRecord(c, {250, 15, 15, 10, 10, 10})});
  EXPECT_THAT(findings.back(),
              HasSubstr("costs 140.0 ms to 240.0 ms beyond a steady one; 1 warm-up is enough in 1 of 3 "
                        "cases, 2 in 1; 1 case did not settle."));
}

TEST(JudgedCases, AreSortedAndReducedToTheMostWarmedUp) {
  Case five = kSmall, one = kSmall, cold = kSmall, medium = kSmall;
  one.warmups = 1;
  cold.warmups = 0;
  medium.model = "medium";
  const std::vector<JudgedCase> cases = Judge(
      {TestRecord(medium, {10}), FailedTestRecord(five, "crashed: x"), TestRecord(cold, {10}), TestRecord(one, {10})},
      {});
  std::vector<std::string> names;
  for (const JudgedCase& judged : cases) names.push_back(ShortNameOf(judged));
  EXPECT_THAT(names, ElementsAre("small 0", "small 1", "small 5", "medium 5"));
  names.clear();
  for (const JudgedCase& judged : MostWarmedUp(cases)) names.push_back(ShortNameOf(judged));
  EXPECT_THAT(names, ElementsAre("small 1", "medium 5"));
}

}  // namespace
}  // namespace tbench
