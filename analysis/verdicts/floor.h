#pragma once

#include <optional>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

// How far a step is from the least time that it could take. Absent where the rates are not known.
struct FloorVerdict {
  std::optional<double> times_floor;      // the median over the floor at rates that such a GPU was seen to reach
  std::optional<double> times_own_floor;  // at the run's own ceilings
};

// The least time of a step, in µs: its FLOPs or its bytes, whichever takes longer. The FLOPs are those of matrix
// products that causality needs, backward twice forward; what recomputes or pads executes more. The bytes are those
// that no cache holds back for models larger than it: every pass reads the weights, the backward pass writes the
// gradients, and AdamW moves 28 bytes a parameter, in BF16 too (gradient and weight 2 each, master and moments read and
// written).
double FloorUs(const Record& record, double flops_per_second, double bytes_per_second);

// Nothing for a failed case.
std::optional<FloorVerdict> Floor(const Record& record, const Machine& machine);

}  // namespace tbench
