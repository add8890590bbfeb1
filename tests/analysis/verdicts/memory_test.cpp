#include "analysis/verdicts/memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

const Case kSmall{.model = "small", .context = 128, .warmups = 5};
const Machine kH200{.is_gpu = true, .gpu = {}, .memory_bytes = 150109880320, .ceilings = {}};

TEST(Memory, IsTheHighestPeakBesideThePrediction) {
  Record record = TestRecord(kSmall, {10, 10}, {{"peak_allocated_bytes", 1.15e9}, {"peak_reserved_bytes", 1.2e9}});
  record.trials.front().counters["peak_allocated_bytes"] = 1.1e9;
  const auto memory = Memory(record, kH200);
  ASSERT_TRUE(memory);
  EXPECT_EQ(memory->allocated, 1.15e9);
  EXPECT_EQ(memory->reserved, 1.2e9);
  EXPECT_NEAR(*memory->predicted, 1.0887e9, 0.0001e9);
  EXPECT_FALSE(memory->out_of_memory);
  EXPECT_EQ(memory->sentence, "1.15 GB at its peak, as predicted");
}

TEST(Memory, TellsADifferenceBeyondTheTolerance) {
  EXPECT_EQ(Memory(TestRecord(kSmall, {10}, {{"peak_allocated_bytes", 2.1774e9}}), kH200)->sentence,
            "2.18 GB at its peak, 100 % more than predicted");
  EXPECT_EQ(Memory(TestRecord(kSmall, {10}, {{"peak_allocated_bytes", 0.5e9}}), kH200)->sentence,
            "500.0 MB at its peak, 54 % less than predicted");
}

TEST(Memory, OfACaseThatRanOutIsWhatItWouldHaveNeeded) {
  Case c{.model = "2.7B", .context = 4096, .pass = Pass::kTrainStep, .warmups = 5};
  const auto memory = Memory(FailedTestRecord(c, "out_of_memory: CUDA out of memory."), kH200);
  ASSERT_TRUE(memory);
  EXPECT_TRUE(memory->out_of_memory);
  EXPECT_GT(memory->predicted, memory->gpu_memory);
  EXPECT_EQ(memory->sentence, "needs about 469.3 GB, the GPU has 150.1 GB");
  EXPECT_EQ(Memory(FailedTestRecord(c, "out_of_memory: x"), Machine{})->sentence, "needs about 469.3 GB");
  c.kernels = Kernels::kFused;
  EXPECT_EQ(Memory(FailedTestRecord(c, "out_of_memory: x"), kH200)->sentence, "ran out of memory");
}

TEST(Memory, IsNotSaidWithoutAReadingOrOfOtherFailures) {
  EXPECT_FALSE(Memory(TestRecord(kSmall, {10}), kH200));
  EXPECT_FALSE(Memory(FailedTestRecord(kSmall, "crashed: x"), kH200));
}

TEST(Memory, OfFusedKernelsIsNotPredicted) {
  Case fused = kSmall;
  fused.kernels = Kernels::kFused;
  EXPECT_FALSE(Memory(TestRecord(fused, {10}, {{"peak_allocated_bytes", 1e9}}), kH200)->predicted);
}

TEST(Memory, IsWithinTenPercentOfThePredictionInAllCasesOfAPublishedRun) {
  double worst = 0;
  for (const Record& record : PublishedRecords()) {
    const auto memory = Memory(record, kH200);
    const double excess = *memory->allocated / *memory->predicted - 1;
    EXPECT_GT(excess, 0) << CaseName(record.c);  // workspaces and rounding come on top
    worst = std::max(worst, excess);
  }
  EXPECT_LT(worst, 0.1);
  RecordProperty("worst_percent", std::to_string(100 * worst));
}

}  // namespace
}  // namespace tbench
