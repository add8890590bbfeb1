#include "analysis/verdicts/roofline.h"

#include <algorithm>

#include "analysis/read/trials.h"
#include "analysis/verdicts/throughput.h"
#include "model/spec/work.h"

namespace tbench {
namespace {

double StepBytes(const Record& record) {
  const auto weights = double(WeightBytes(record.config, record.c.precision == Precision::kBf16 ? 2 : 4));
  switch (record.c.pass) {
    case Pass::kForward:
      return weights;
    case Pass::kForwardBackward:
      return 3 * weights;
    case Pass::kTrainStep:
      return 3 * weights + double(AdamWTrafficBytes(record.config));
  }
  return 0;
}

}  // namespace

double RooflineUs(const Record& record, double flops_per_second, double bytes_per_second) {
  return 1e6 *
         std::max(StepFlops(record, AttentionPairs::kCausal) / flops_per_second, StepBytes(record) / bytes_per_second);
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
