#include "analysis/verdicts/roofline.h"

#include <algorithm>

#include "analysis/read/trials.h"
#include "model/spec/work.h"

namespace tbench {
double RooflineUs(const Record& record, double flops_per_second, double bytes_per_second) {
  const StepSpec step = SpecOf(record.c, record.config);
  return 1e6 * std::max(StepFlops(step, AttentionPairs::kCausal) / flops_per_second,
                        MinimalStepBytes(step) / bytes_per_second);
}

std::optional<RooflineVerdict> Roofline(const Record& record, const Machine& machine) {
  if (record.error || record.trials.empty()) return std::nullopt;
  const auto times = [&](std::optional<double> flops, std::optional<double> bytes) -> std::optional<double> {
    if (!flops || !bytes) return std::nullopt;
    return MedianTimeUs(record) / RooflineUs(record, *flops, *bytes);
  };
  RooflineVerdict verdict;
  if (machine.gpu && machine.gpu->reached) {
    verdict.times_roofline = times(ReachedFlops(*machine.gpu, record.c.precision), machine.gpu->reached->memory_bytes);
  }
  if (const auto gemm = GemmCeiling(machine.ceilings, record.c.precision)) {
    verdict.times_own_roofline = times(gemm->flops_per_second, machine.ceilings.copy_bytes_per_second);
  }
  return verdict;
}

}  // namespace tbench
