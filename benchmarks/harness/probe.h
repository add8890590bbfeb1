#pragma once

#include <optional>

#include "benchmarks/harness/timer.h"

// What a device measures beside steps.
namespace tbench {

// One repetition.
struct ProbeReading {
  Microseconds time{};                  // of one GEMM, copy, launch or kernel
  std::optional<Microseconds> enqueue;  // of a launch: the host's time
  std::optional<Microseconds> trial;    // of a launch: what the kernel reads alone, by a trial's own procedure
};

// The work of a ceiling or of a kernel, ready to run.
class Probe {
 public:
  virtual ~Probe() = default;
  virtual ProbeReading Measure() = 0;
};

}  // namespace tbench
