#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/harness/timer.h"
#include "benchmarks/names/kernel_class.h"

// Where the time of one profiled step went.
namespace tbench {

// A kernel, copy or fill that the GPU ran.
struct GpuActivity {
  std::string name;
  Microseconds start{};  // on any clock, the same for all of a step
  Microseconds end{};
};

struct StepProfile {
  std::int64_t kernels = 0;
  Microseconds busy{};                                  // in which the GPU ran anything
  Microseconds span{};                                  // from the first start to the last end
  std::array<Microseconds, kKernelClasses> by_class{};  // sums, by KernelClass; those that overlap count twice
  std::optional<Microseconds> step;                     // the same step's time by the timer

  Microseconds of(KernelClass c) const { return by_class[std::size_t(c)]; }
};

// In any order.
StepProfile Summarize(std::vector<GpuActivity> activities);

}  // namespace tbench
