#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"
#include "benchmarks/names/gpu_state.h"

namespace tbench {

struct ClocksVerdict {
  GpuState before, after;  // right before the first trial, right after the last one
  bool throttled, clock_fell, clock_low, shared;
  std::string sentence;  // of throttling and clocks, "after: software power cap"; empty if nothing stands out
  std::string company;   // "1 other process"; empty if not shared
};

// Throttled: any reason but idle and application clocks, which slow nothing down that runs. The clock fell: by at least
// 5 % between the readings. It is low: both are below 60 % of the GPU's highest, though the GPU was not idle and
// nothing throttled it, and the trials, not launch-bound, took long enough to wake it up. Shared: another process had a
// context on the GPU. Nothing for a failed case and where there is no reading.
std::optional<ClocksVerdict> Clocks(const Record& record, const Machine& machine);

// "software power cap, hardware thermal slowdown" of a mask that throttles; empty for one that does not.
std::string ThrottleReasons(std::uint64_t mask);

}  // namespace tbench
