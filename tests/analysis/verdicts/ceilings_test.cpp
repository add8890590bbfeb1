#include "analysis/verdicts/ceilings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/support/atomic_file.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// As many rows of one measurement as times.
void AddRows(RunFile& run, const std::string& name, std::int64_t family, const std::vector<double>& times_us,
             const std::string& counter, const std::vector<double>& values) {
  for (std::size_t i = 0; i < times_us.size(); ++i) {
    run.rows.push_back({.name = "ceiling/" + name + "/iterations:1/repeats:5/manual_time",
                        .family_index = family,
                        .repetitions = std::int64_t(times_us.size()),
                        .repetition_index = std::int64_t(i),
                        .real_time_us = times_us[i],
                        .counters = {{counter, values[i]}},
                        .label = "",
                        .error = {}});
  }
}

TEST(Ceilings, AreTheHighestMediansOverSizes) {
  RunFile run;
  AddRows(run, "gemm/precision:fp32/size:8192", 1, {1, 1, 1}, "flops_per_second", {50e12, 99e12, 51e12});
  AddRows(run, "gemm/precision:fp32/size:4096", 0, {1, 1, 1}, "flops_per_second", {48e12, 49e12, 10e12});
  AddRows(run, "gemm/precision:bf16/size:8192", 2, {1}, "flops_per_second", {700e12});
  const Ceilings ceilings = ToCeilings(run);
  EXPECT_THAT(ceilings.gemm,
              ElementsAre(GemmFigure{Precision::kFp32, 4096, 48e12}, GemmFigure{Precision::kFp32, 8192, 51e12},
                          GemmFigure{Precision::kBf16, 8192, 700e12}));
  EXPECT_EQ(GemmCeiling(ceilings, Precision::kFp32), (GemmFigure{Precision::kFp32, 8192, 51e12}));
  EXPECT_FALSE(GemmCeiling(ceilings, Precision::kTf32));
}

TEST(Ceilings, OfTheEndAreComparedWithThoseOfTheStart) {
  for (const char* end : {"copy/bytes:1024/moment:end", "copy/bytes:1024"}) {  // as it is, as it was
    RunFile run;
    AddRows(run, "copy/bytes:1024", 0, {1, 1, 1}, "bytes_per_second", {4000, 4100, 3900});
    AddRows(run, "copy/bytes:2048", 1, {1}, "bytes_per_second", {4500});
    AddRows(run, end, 90, {1}, "bytes_per_second", {3800});
    const Ceilings ceilings = ToCeilings(run);
    EXPECT_THAT(ceilings.copies, ElementsAre(CopyFigure{1024, 4000}, CopyFigure{2048, 4500}));
    EXPECT_EQ(ceilings.copy_bytes_per_second, 4500);
    EXPECT_THAT(ceilings.drifts, ElementsAre(CeilingDrift{"ceiling/copy/bytes:1024", 4000, 3800, 3800.0 / 4000 - 1}));
  }
}

TEST(Ceilings, OfPartsOfAMergedRunAreNoDrift) {
  RunFile run;  // two machines, each steady
  AddRows(run, "copy/bytes:1024", 0, {1}, "bytes_per_second", {5100});
  AddRows(run, "copy/bytes:1024", 1, {1}, "bytes_per_second", {4800});
  AddRows(run, "copy/bytes:1024", 9, {1}, "bytes_per_second", {5100});
  AddRows(run, "copy/bytes:1024", 10, {1}, "bytes_per_second", {4800});
  EXPECT_TRUE(ToCeilings(run).drifts.empty());
}

TEST(Ceilings, ThatFailedAreKnown) {
  RunFile run;
  run.rows.push_back({.name = "ceiling/launch/iterations:1/repeats:5/manual_time", .error = "out_of_memory: 1 GB"});
  EXPECT_THAT(ToCeilings(run).failures, ElementsAre(testing::Pair("ceiling/launch", "out_of_memory: 1 GB")));
}

TEST(Ceilings, HoldLaunchesAndTheTimersBias) {
  RunFile run;
  AddRows(run, "launch", 0, {1.3, 1.2, 1.25}, "enqueue_us", {2.0, 2.2, 2.1});
  AddRows(run, "launch", 7, {1.5}, "trial_us", {6.4});
  const Ceilings ceilings = ToCeilings(run);
  EXPECT_EQ(ceilings.launch_us, 1.25);
  EXPECT_EQ(ceilings.launch_enqueue_us, 2.1);
  EXPECT_EQ(ceilings.timer_bias_us, 6.4);
  ASSERT_EQ(ceilings.drifts.size(), 1);
  EXPECT_NEAR(ceilings.drifts[0].share, 1.25 / 1.5 - 1, 1e-12);  // launches a second
}

TEST(Ceilings, LeaveOutWhatWasNotMeasured) {
  RunFile run;
  AddRows(run, "gemm/precision:fp32/size:8192", 0, {1}, "loss", {50e12});                // no figure
  AddRows(run, "gemm/precision:fp8/size:8192", 1, {1}, "flops_per_second", {50e12});     // a later version's
  AddRows(run, "gemm/precision:fp32/size:big", 2, {1}, "flops_per_second", {50e12});     // no size
  AddRows(run, "gemm/precision:fp32", 3, {1}, "flops_per_second", {50e12});              // nor here
  AddRows(run, "gemm/precision:tf32/size:1024", 4, {1, 1}, "flops_per_second", {1, 1});  // one failed, one has no time
  run.rows[run.rows.size() - 2].error = "failed: x";
  run.rows.back().real_time_us.reset();
  run.rows.push_back({.name = "transformer_step/x", .real_time_us = 1, .counters = {}, .label = "", .error = {}});
  const Ceilings ceilings = ToCeilings(run);
  EXPECT_THAT(ceilings.gemm, IsEmpty());
  EXPECT_THAT(ceilings.drifts, IsEmpty());
  EXPECT_FALSE(ceilings.copy_bytes_per_second);
  EXPECT_FALSE(ceilings.launch_us);
  EXPECT_FALSE(ceilings.timer_bias_us);
}

TEST(Ceilings, OfTheMadeUpRunAreRead) {
  const Ceilings ceilings = ToCeilings(ParseRunFile(ReadFile(TBENCH_TESTDATA "/verdicts/run.json")));
  EXPECT_EQ(ceilings.gemm.size(), 4);
  EXPECT_EQ(ceilings.drifts.size(), 3);
  EXPECT_NEAR(GemmCeiling(ceilings, Precision::kFp32)->flops_per_second, 51.2e12, 0.1e12);
}

}  // namespace
}  // namespace tbench
