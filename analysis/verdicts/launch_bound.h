#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

// kLaunch: limited by the host. kGpu: limited by the GPU.
enum class Bound { kGpu, kMixed, kLaunch };

std::string_view ToString(Bound bound);  // "GPU-bound", "mixed", "launch-bound"

// The share of a step in which no kernel runs, by the profiled step's busy time: of the median step or of what the
// profiled one took from its first kernel to its last, whichever is less. A profiler delays launches, and a step by
// itself may be faster than those of a run, where the GPU is at its power limit; what passes before the first kernel is
// next to nothing of a step that is long enough for that. Not below 0; nothing without a profile.
std::optional<double> IdleShare(const Record& record);

struct LaunchVerdict {
  std::optional<double> enqueue_share;  // the host's median time to enqueue a step / the median step
  std::optional<double> idle_share;
  Bound bound;
  std::string sentence;  // what the bound is judged by
};

// By the idle share where the case was profiled: up to 5 % is GPU-bound; from 20 % on launch-bound, if enqueueing takes
// at least 90 % of the step, so that it is the host that the GPU waits for; else mixed. Without a profile by the
// enqueue share alone: below 90 % GPU-bound, from 95 % on launch-bound. Nothing for a failed case, on a CPU, and where
// neither was measured.
std::optional<LaunchVerdict> LaunchBound(const Record& record, const Machine& machine);

}  // namespace tbench
