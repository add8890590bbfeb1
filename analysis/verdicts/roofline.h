#pragma once

#include <optional>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

// The median over the roofline: how far a step is from the time that it takes at best. Absent where rates are unknown.
struct RooflineVerdict {
  std::optional<double> times_roofline;      // at the best rates measured on this GPU model
  std::optional<double> times_own_roofline;  // at the run's own ceilings
};

// The roofline of a step, in µs: max(FLOPs / FLOP rate, bytes / bandwidth). The FLOPs are those of matrix
// products that causality needs, backward twice forward; what recomputes or pads executes more. The bytes are those
// that no cache holds back for models larger than it: every pass reads the weights, the backward pass writes the
// gradients, and AdamW moves 28 bytes a parameter, in BF16 too (gradient and weight 2 each, master and moments read and
// written).
double RooflineUs(const Record& record, double flops_per_second, double bytes_per_second);

// Nothing for a failed case.
std::optional<RooflineVerdict> Roofline(const Record& record, const Machine& machine);

}  // namespace tbench
