#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/verdicts/judged_case.h"

namespace tbench {

// One way to do a step: a precision, an attention, kernels and a launch.
struct Variant {
  std::string name;  // "bf16 sdpa fused graph"
  JudgedCase judged;
  std::optional<double> speed_up;  // of the median, over the step's first variant that did not fail; 1 for that one
};

// Ways to do one step: model, context, pass and batch are alike. By precision, attention, kernels and launch in the
// order of their values, so that the published table's variant comes first.
using Variants = std::vector<Variant>;

// The steps that the cases do in more than one way, by model from small to large, context, pass and batch. Each variant
// is the case with the most warm-ups; a failed one only where none is good.
std::vector<Variants> SideBySide(const std::vector<JudgedCase>& cases);

}  // namespace tbench
