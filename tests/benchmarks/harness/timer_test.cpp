#include "benchmarks/harness/timer.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace tbench {
namespace {

TEST(HostTimer, CountsTheWholeStepAndItsPhases) {
  using std::chrono::milliseconds;
  const Trial trial = HostTimer().Time([](PhaseMarks& marks) {
    std::this_thread::sleep_for(milliseconds(2));
    marks.End(Phase::kForward);
    std::this_thread::sleep_for(milliseconds(3));
    marks.End(Phase::kBackward);
  });
  // A sleep is never shorter than asked for.
  EXPECT_GE(*trial.of(Phase::kForward), milliseconds(2));
  EXPECT_GE(*trial.of(Phase::kBackward), milliseconds(3));
  EXPECT_FALSE(trial.of(Phase::kOptimizer));
  EXPECT_FALSE(trial.enqueue) << "a host step has no time of its own to enqueue";
  EXPECT_GE(trial.iteration, *trial.of(Phase::kForward) + *trial.of(Phase::kBackward));
  EXPECT_EQ(trial.iteration, trial.end_to_end);
}

TEST(HostTimer, LetsTheStepsErrorThrough) {
  EXPECT_THROW(HostTimer().Time([](PhaseMarks&) { throw std::logic_error("step"); }), std::logic_error);
}

}  // namespace
}  // namespace tbench
