#include "benchmarks/harness/burst.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

// A microsecond for each operation, by its own count.
class CountingTimer final : public Timer {
 public:
  explicit CountingTimer(const int& operations) : operations_(operations) {}
  Trial Time(const TimedStep& step) override {
    const int before = operations_;
    NoMarks marks;
    step(marks);
    return {.iteration = Microseconds(operations_ - before), .enqueue = {}, .end_to_end = {}, .phase = {}};
  }

 private:
  const int& operations_;
};

TEST(Burst, IsAsManyOperationsAsFillItsLength) {
  int operations = 0;
  CountingTimer timer(operations);
  Burst burst([&] { ++operations; }, timer, Microseconds(25.5));
  EXPECT_EQ(operations, 1 + 1 + 26) << "one that loads, one that is timed, and a burst";
  EXPECT_EQ(burst.Time(), Microseconds(1));
  EXPECT_EQ(operations, 2 + 2 * 26);
}

TEST(Burst, OfALongOperationIsOne) {
  int operations = 0;
  CountingTimer timer(operations);
  Burst burst([&] { ++operations; }, timer, Microseconds(0.5));
  burst.Time();
  EXPECT_EQ(operations, 4);
}

}  // namespace
}  // namespace tbench
