#include "analysis/verdicts/roofline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::DoubleNear;
using testing::Optional;

constexpr double kBf16 = 795e12, kFp32 = 51.7e12, kMemory = 3.0e12;

Record StepOf(const std::string& model, std::int64_t context, Precision precision, Pass pass = Pass::kForwardBackward) {
  return TestRecord({.model = model, .context = context, .pass = pass, .precision = precision}, {10, 20, 40});
}

struct Published {
  const char* model;
  std::int64_t context;
  Precision precision;
  double roofline_ms, last_digit;
};

// A table of rooflines made independently: causal FLOPs, T(T + 1)/2 pairs, forward and twice that for backward. All T²
// pairs would give 4.32 ms for small at 1024.
TEST(Roofline, OfForwardAndBackwardIsTheCausalFlops) {
  for (const auto& [model, context, precision, roofline_ms, last_digit] :
       {Published{"small", 128, Precision::kBf16, 0.47, 0.01}, Published{"medium", 128, Precision::kBf16, 1.61, 0.01},
        Published{"large", 128, Precision::kBf16, 3.72, 0.01}, Published{"2.7B", 256, Precision::kBf16, 26.29, 0.01},
        Published{"small", 1024, Precision::kBf16, 4.03, 0.01},
        Published{"medium", 1024, Precision::kBf16, 13.54, 0.01},
        Published{"large", 1024, Precision::kBf16, 31.03, 0.01}, Published{"xl", 1024, Precision::kBf16, 63.71, 0.01},
        Published{"2.7B", 1024, Precision::kBf16, 107.1, 0.1}, Published{"2.7B", 128, Precision::kFp32, 201.5, 0.1},
        Published{"2.7B", 256, Precision::kFp32, 404.3, 0.1}}) {
    const double flops = precision == Precision::kBf16 ? kBf16 : kFp32;
    EXPECT_NEAR(RooflineUs(StepOf(model, context, precision), flops, kMemory) / 1000, roofline_ms, last_digit / 2)
        << model << " " << context;
  }
}

TEST(Roofline, IsTheBytesWhereTheyTakeLonger) {
  const double parameters = 128'625'408, no_flops = 1e30;
  const auto bytes = [&](Pass pass, Precision precision) {
    return RooflineUs(StepOf("small", 128, precision, pass), no_flops, 1e6);  // a byte takes 1 µs
  };
  EXPECT_DOUBLE_EQ(bytes(Pass::kForward, Precision::kBf16), 2 * parameters);
  EXPECT_DOUBLE_EQ(bytes(Pass::kForwardBackward, Precision::kBf16), 6 * parameters);
  EXPECT_DOUBLE_EQ(bytes(Pass::kTrainStep, Precision::kBf16), 34 * parameters);
  EXPECT_DOUBLE_EQ(bytes(Pass::kForward, Precision::kFp32x3), 4 * parameters);
  EXPECT_DOUBLE_EQ(bytes(Pass::kTrainStep, Precision::kFp32), 40 * parameters);
  // AdamW of small takes longer than its FLOPs at a context of 128.
  EXPECT_DOUBLE_EQ(RooflineUs(StepOf("small", 128, Precision::kBf16, Pass::kTrainStep), kBf16, kMemory),
                   34 * parameters / kMemory * 1e6);
}

TEST(Roofline, IsThatOfTheGpuAndThatOfTheRun) {
  Machine machine{.is_gpu = true, .gpu = FindGpu("NVIDIA H100 80GB HBM3"), .memory_bytes = {}, .ceilings = {}};
  const Record step = StepOf("2.7B", 256, Precision::kFp32);
  EXPECT_THAT(Roofline(step, machine)->times_roofline, Optional(DoubleNear(20 / 404.3, 1e-4)));
  EXPECT_FALSE(Roofline(step, machine)->times_own_roofline);
  machine.ceilings.gemm = {{Precision::kFp32, 8192, kFp32 / 2}};
  machine.ceilings.copy_bytes_per_second = kMemory;
  EXPECT_THAT(Roofline(step, machine)->times_own_roofline, Optional(DoubleNear(10 / 404.3, 1e-4)));
  machine.gpu = FindGpu("NVIDIA L4");
  EXPECT_FALSE(Roofline(step, machine)->times_roofline) << "nobody measured that one";
}

TEST(Roofline, IsNotSaidOfFailedCases) {
  EXPECT_FALSE(Roofline(FailedTestRecord({.model = "small", .context = 128}, "failed: x"), {}));
}

}  // namespace
}  // namespace tbench
