#pragma once

#include <optional>
#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"
#include "model/spec/work.h"

namespace tbench {

// How much work a second the median step does, and what share that is of what the machine can do.
struct ThroughputVerdict {
  double tokens_per_second;
  double step_flops;     // GEMMs only (model/spec/work.h)
  AttentionPairs pairs;  // which query-key pairs they count
  double causal_flops;   // those of them that causality needs: alike for every way to do a step
  double flops_per_second;
  std::optional<double> of_peak;     // share of the data sheet's, in the case's precision
  std::optional<double> of_ceiling;  // share of the fastest GEMM of the same run
  bool implausible;
  std::string sentence;
};

// `naive` attention executes all T² pairs, so they count; `sdpa` those that causality needs. A case is implausible if
// its fastest trial needs more FLOP/s than the data sheet promises, 3 % more than the run's ceiling or, of a
// machine without a data sheet, more than any GPU or as many threads of any CPU do (thresholds.h): then the time is
// wrong, or the work was not done. Nothing for a failed case.
std::optional<ThroughputVerdict> Throughput(const Record& record, const Machine& machine);

}  // namespace tbench
