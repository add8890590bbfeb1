#include "analysis/verdicts/throughput.h"

#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

const Case kSmall{.model = "small", .context = 128};  // 0.1262 TFLOP forward

Machine H200(double fp32_ceiling) {
  return {.is_gpu = true,
          .gpu = FindGpu("NVIDIA H200"),
          .memory_bytes = {},
          .ceilings = {.gemm = {{Precision::kFp32, 8192, fp32_ceiling}}}};
}

TEST(Throughput, IsTheMediansWork) {
  const auto verdict = Throughput(TestRecord(kSmall, {5, 4, 40}), H200(50e12));
  ASSERT_TRUE(verdict);
  EXPECT_DOUBLE_EQ(verdict->tokens_per_second, 4 * 128 / 0.005);
  EXPECT_NEAR(verdict->step_flops, 0.1262e12, 0.0001e12);
  EXPECT_DOUBLE_EQ(verdict->flops_per_second, verdict->step_flops / 0.005);
  EXPECT_DOUBLE_EQ(*verdict->of_peak, verdict->flops_per_second / 67e12);
  EXPECT_DOUBLE_EQ(*verdict->of_ceiling, verdict->flops_per_second / 50e12);
  EXPECT_FALSE(verdict->implausible);
  EXPECT_EQ(verdict->sentence, "25.25 TFLOP/s, 38 % of the data sheet's peak, 50 % of this run's ceiling");
}

TEST(Throughput, CountsTheBackwardPassAndThePairsThatAreExecuted) {
  Case c = kSmall;
  const double forward = Throughput(TestRecord(c, {5}), {})->step_flops;
  c.pass = Pass::kForwardBackward;
  EXPECT_DOUBLE_EQ(Throughput(TestRecord(c, {5}), {})->step_flops, 3 * forward);
  c.pass = Pass::kTrainStep;
  EXPECT_DOUBLE_EQ(Throughput(TestRecord(c, {5}), {})->step_flops, 3 * forward);
  c = kSmall;
  c.attention = Attention::kSdpa;
  const auto sdpa = Throughput(TestRecord(c, {5}), {});
  EXPECT_EQ(sdpa->pairs, AttentionPairs::kCausal);
  // 4BhT²k − 2BhT(T + 1)k a layer.
  EXPECT_DOUBLE_EQ(forward - sdpa->step_flops, 12 * 768 * (4.0 * 4 * 128 * 128 - 2.0 * 4 * 128 * 129));
}

TEST(Throughput, AboveTheDataSheetIsImplausibleIfOneTrialIs) {
  const auto verdict = Throughput(TestRecord(kSmall, {5, 5, 1.8}), H200(80e12));
  ASSERT_TRUE(verdict->implausible);
  EXPECT_EQ(verdict->sentence,
            "trial 3 needs 70.14 TFLOP/s, more than the data sheet's 67.00 TFLOP/s: that time cannot be right");
}

TEST(Throughput, AboveTheRunsCeilingIsImplausibleBeyondTheTolerance) {
  const double flops_per_second = Throughput(TestRecord(kSmall, {5}), {})->flops_per_second;
  EXPECT_FALSE(Throughput(TestRecord(kSmall, {5}), H200(flops_per_second / 1.029))->implausible);
  const auto verdict = Throughput(TestRecord(kSmall, {5}), H200(flops_per_second / 1.031));
  EXPECT_TRUE(verdict->implausible);
  EXPECT_NE(verdict->sentence.find("more than this run's fastest GEMM"), std::string::npos);
}

TEST(Throughput, OfAnUnknownMachineHasALimitToo) {
  const auto with_threads = [](double threads) {
    return Machine{
        .is_gpu = false, .gpu = {}, .memory_bytes = {}, .ceilings = {}, .max_sm_clock_mhz = {}, .cpu_threads = threads};
  };
  // Nanoseconds labelled as microseconds: of a step of 0.126 TFLOP, 0.1 TFLOP/s on four threads.
  EXPECT_FALSE(Throughput(TestRecord(kSmall, {1200}), with_threads(4))->implausible);
  const auto verdict = Throughput(TestRecord(kSmall, {1.2}), with_threads(4));
  EXPECT_TRUE(verdict->implausible);
  EXPECT_EQ(verdict->sentence,
            "trial 1 needs 105.2 TFLOP/s, more than any CPU's with 4 threads, 2.00 TFLOP/s: that time cannot be "
            "right");
  Case bf16 = kSmall;
  bf16.precision = Precision::kBf16;  // by matrix units
  EXPECT_FALSE(Throughput(TestRecord(bf16, {4}), with_threads(4))->implausible);
  EXPECT_TRUE(Throughput(TestRecord(bf16, {3}), with_threads(4))->implausible);
  EXPECT_FALSE(Throughput(TestRecord(kSmall, {0.13}), {})->implausible);
  EXPECT_TRUE(Throughput(TestRecord(kSmall, {0.12}), {})->implausible);
  EXPECT_FALSE(Throughput(TestRecord(bf16, {0.013}), {})->implausible);
  EXPECT_TRUE(Throughput(TestRecord(bf16, {0.012}), {})->implausible);
}

TEST(Throughput, IsHeldAgainstTheCasesOwnPrecision) {
  Case c = kSmall;
  c.precision = Precision::kBf16;
  const auto verdict = Throughput(TestRecord(c, {1.8}), H200(50e12));
  EXPECT_FALSE(verdict->implausible);
  EXPECT_FALSE(verdict->of_ceiling);  // only FP32's was measured
  EXPECT_DOUBLE_EQ(*verdict->of_peak, verdict->flops_per_second / 989.5e12);
}

TEST(Throughput, OfThreeTf32ProductsIsHeldAgainstAThirdOfTheirPeak) {
  Case c = kSmall;
  c.precision = Precision::kFp32x3;
  const auto verdict = Throughput(TestRecord(c, {1.8}), H200(50e12));
  EXPECT_FALSE(verdict->implausible);  // 70 TFLOP/s: above FP32's 67
  EXPECT_FALSE(verdict->of_ceiling);
  EXPECT_DOUBLE_EQ(*verdict->of_peak, verdict->flops_per_second / (494.5e12 / 3));
}

TEST(Throughput, IsNotSaidOfFailedCases) {
  EXPECT_FALSE(Throughput(FailedTestRecord(kSmall, "failed: x"), H200(50e12)));
}

TEST(Throughput, OfThePublishedRunIsPlausible) {
  for (const Record& record : PublishedRecords()) {
    EXPECT_FALSE(Throughput(record, H200(51.2e12))->implausible) << CaseName(record.c);
  }
}

}  // namespace
}  // namespace tbench
