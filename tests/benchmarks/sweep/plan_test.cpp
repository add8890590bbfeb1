#include "benchmarks/sweep/plan.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

const ModelConfig kSmall{10'000, 768, 3072, 12, 12};

Case MakeCase(Pass pass, std::int64_t warmups) {
  return {.model = "small", .context = 128, .pass = pass, .warmups = warmups};
}

double StepSeconds(Pass pass, std::int64_t warmups, bool on_gpu) {
  // The constant of a process falls out of the difference.
  const Case c = MakeCase(pass, warmups);
  return PredictSeconds(c, kSmall, 11, on_gpu) - PredictSeconds(c, kSmall, 10, on_gpu);
}

TEST(Plan, PredictsThreeTimesTheStepWhereThereIsABackwardPass) {
  EXPECT_NEAR(StepSeconds(Pass::kForwardBackward, 0, true), 3 * StepSeconds(Pass::kForward, 0, true), 1e-9);
  EXPECT_NEAR(StepSeconds(Pass::kTrainStep, 0, true), 3 * StepSeconds(Pass::kForward, 0, true), 1e-9);
}

TEST(Plan, CountsWarmUpsLikeTrials) {
  EXPECT_EQ(PredictSeconds(MakeCase(Pass::kForward, 5), kSmall, 10, true),
            PredictSeconds(MakeCase(Pass::kForward, 0), kSmall, 15, true));
}

TEST(Plan, GivesEvenTheSmallestCaseTheCostOfItsProcess) {
  const ModelConfig tiny{1, 2, 1, 1, 1};
  EXPECT_GT(PredictSeconds({.model = "t", .context = 1, .batch = 1}, tiny, 1, true), 0.1);
}

TEST(SecondsLeft, AreUnknownBeforeACaseHasEnded) {
  EXPECT_EQ(SecondsLeft({}, {.running = 3, .running_elapsed = 1, .waiting = 5}), std::nullopt);
}

TEST(SecondsLeft, ScaleThePredictionByThePaceSoFar) {
  const Pace twice_as_slow{.predicted = 10, .measured = 20};
  EXPECT_DOUBLE_EQ(SecondsLeft(twice_as_slow, {.running = 3, .running_elapsed = 1, .waiting = 5}).value(), 5 + 10);
}

TEST(SecondsLeft, CountACaseThatTakesTooLongAsNearlyDone) {
  const Pace pace{.predicted = 10, .measured = 10};
  EXPECT_DOUBLE_EQ(SecondsLeft(pace, {.running = 3, .running_elapsed = 60, .waiting = 5}).value(), 5);
}

}  // namespace
}  // namespace tbench
