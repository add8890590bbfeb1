#pragma once

#include <optional>

#include "benchmarks/harness/timer.h"

// What a device measures beside steps.
namespace tbench {

// One repetition of a ceiling.
struct CeilingReading {
  Microseconds time{};                  // of one product, copy or launch
  std::optional<Microseconds> enqueue;  // kLaunch: the host's time for one
  std::optional<Microseconds> trial;    // kLaunch: what the kernel reads alone, by a trial's own procedure
};

// A ceiling's work, ready to run.
class CeilingProbe {
 public:
  virtual ~CeilingProbe() = default;
  virtual CeilingReading Measure() = 0;
};

// A kernel's work, ready to run.
class KernelProbe {
 public:
  virtual ~KernelProbe() = default;
  // The time of one run.
  virtual Microseconds Measure() = 0;
};

}  // namespace tbench
