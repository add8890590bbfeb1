#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "benchmarks/harness/probe.h"
#include "benchmarks/harness/timer.h"

namespace tbench {

// The same operation again and again, in bursts of one length: long enough that a launch, and the timer's bias, are
// nothing beside it.
class Burst {
 public:
  // Warms up: the first run loads the operation, a second tells how many make a burst, and a whole burst follows.
  Burst(std::function<void()> operation, Timer& timer, Microseconds length);

  // The time of one operation, over a burst.
  Microseconds Time();

 private:
  std::function<void()> operation_;
  Timer& timer_;
  std::int64_t count_ = 1;
};

// The operation's time by itself.
class BurstProbe final : public Probe {
 public:
  BurstProbe(std::function<void()> operation, Timer& timer, Microseconds length)
      : burst_(std::move(operation), timer, length) {}
  ProbeReading Measure() override { return {.time = burst_.Time(), .enqueue = {}, .trial = {}}; }

 private:
  Burst burst_;
};

// With its warm-up and five repetitions it keeps a GPU busy for 1.5 s: long enough for its power limit to act.
inline constexpr Microseconds kGpuBurst{250'000};
inline constexpr Microseconds kCpuBurst{100'000};

}  // namespace tbench
