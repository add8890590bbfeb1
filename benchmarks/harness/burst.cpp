#include "benchmarks/harness/burst.h"

#include <algorithm>
#include <cmath>

namespace tbench {

Burst::Burst(std::function<void()> operation, Timer& timer, Microseconds length)
    : operation_(std::move(operation)), timer_(timer) {
  Time();
  count_ = std::max(std::int64_t(std::ceil(length / Time())), std::int64_t(1));
  Time();
}

Microseconds Burst::Time() {
  const Trial trial = timer_.Time([&](PhaseMarks&) {
    for (std::int64_t i = 0; i < count_; ++i) operation_();
  });
  return trial.iteration / double(count_);
}

}  // namespace tbench
