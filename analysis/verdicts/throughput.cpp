#include "analysis/verdicts/throughput.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {
namespace {

std::optional<double> Share(double value, std::optional<double> of) {
  if (!of || *of <= 0) return std::nullopt;
  return value / *of;
}

// What no machine without a data sheet does.
struct AnyRate {
  double flops_per_second;
  std::string whose;
};

AnyRate AnyRateOf(const Machine& machine, Precision precision) {
  const bool fp32 = TraitsOf(precision).gemm == GemmMath::kFp32;
  if (!machine.cpu_threads) return {fp32 ? kAnyGpuFp32Flops : kAnyGpuFlops, "any processor's"};
  return {*machine.cpu_threads * (fp32 ? kAnyThreadFp32Flops : kAnyThreadFlops),
          fmt::format("any CPU's with {}", Plural(std::size_t(*machine.cpu_threads), "thread"))};
}

std::string Tera(double flops_per_second) { return Digits(flops_per_second * 1e-12) + " TFLOP/s"; }

}  // namespace

std::optional<ThroughputVerdict> Throughput(const Record& record, const Machine& machine) {
  if (record.error || record.trials.empty()) return std::nullopt;
  const Case& c = record.c;
  const std::vector<double> times = TimesUs(record);
  const auto fastest = std::ranges::min_element(times);
  const double median_s = MedianTimeUs(record) * 1e-6;
  const StepSpec step = SpecOf(c, record.config);
  const AttentionPairs pairs = ExecutedPairs(c.attention);
  const double flops = StepFlops(step, pairs);
  const double fastest_flops_per_second = flops / (*fastest * 1e-6);

  const std::optional<double> peak = machine.gpu ? PeakFlops(*machine.gpu, c.precision) : std::nullopt;
  const std::optional<GemmFigure> gemm = GemmCeiling(machine.ceilings, c.precision);
  const std::optional<double> ceiling = gemm ? std::optional(gemm->flops_per_second) : std::nullopt;
  const bool above_peak = Share(fastest_flops_per_second, peak).value_or(0) > 1;
  const bool above_ceiling = Share(fastest_flops_per_second, ceiling).value_or(0) > 1 + kCeilingTolerance;
  const AnyRate any = AnyRateOf(machine, c.precision);
  const bool above_any = !peak && fastest_flops_per_second > any.flops_per_second;

  ThroughputVerdict verdict{.tokens_per_second = step.tokens() / median_s,
                            .step_flops = flops,
                            .pairs = pairs,
                            .causal_flops = StepFlops(step, AttentionPairs::kCausal),
                            .flops_per_second = flops / median_s,
                            .of_peak = Share(flops / median_s, peak),
                            .of_ceiling = Share(flops / median_s, ceiling),
                            .implausible = above_peak || above_ceiling || above_any,
                            .sentence = {}};
  if (verdict.implausible) {
    verdict.sentence = fmt::format("trial {} needs {}, more than {}: that time cannot be right",
                                   fastest - times.begin() + 1, Tera(fastest_flops_per_second),
                                   above_peak      ? fmt::format("the data sheet's {}", Tera(*peak))
                                   : above_ceiling ? fmt::format("this run's fastest GEMM, {}", Tera(*ceiling))
                                                   : fmt::format("{}, {}", any.whose, Tera(any.flops_per_second)));
    return verdict;
  }
  verdict.sentence = Tera(verdict.flops_per_second);
  if (verdict.of_peak) verdict.sentence += fmt::format(", {} of the data sheet's peak", Percent(*verdict.of_peak));
  if (verdict.of_ceiling) verdict.sentence += fmt::format(", {} of this run's ceiling", Percent(*verdict.of_ceiling));
  return verdict;
}

}  // namespace tbench
