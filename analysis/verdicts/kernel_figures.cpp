#include "analysis/verdicts/kernel_figures.h"

#include <map>
#include <string>

#include "analysis/statistics/statistics.h"
#include "analysis/verdicts/ceilings.h"
#include "benchmarks/names/counters.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

struct Gathered {
  Kernel kernel;
  std::vector<double> times_us, bytes_per_second, flops_per_second;
  std::optional<std::string> error;
};

std::optional<Kernel> KernelOf(const Row& row) {
  if (!row.name.starts_with(kKernelFamily)) return std::nullopt;  // an exception takes longer, and rows are many
  try {
    return ParseKernelName(row.name);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::vector<Gathered> Gather(const RunFile& run) {
  std::vector<Gathered> kernels;
  std::map<std::string, std::size_t> index;
  for (const Row& row : run.rows) {
    const std::optional<Kernel> kernel = KernelOf(row);
    if (!kernel) continue;
    const auto [at, is_new] = index.emplace(KernelName(*kernel), kernels.size());
    if (is_new) {
      kernels.push_back(
          {.kernel = *kernel, .times_us = {}, .bytes_per_second = {}, .flops_per_second = {}, .error = {}});
    }
    Gathered& gathered = kernels[at->second];
    if (row.error && !gathered.error) gathered.error = row.error;
    if (row.real_time_us) gathered.times_us.push_back(*row.real_time_us);
    const auto add = [&row](const char* counter, std::vector<double>& rates) {
      const auto rate = row.counters.find(counter);
      if (rate != row.counters.end()) rates.push_back(rate->second);
    };
    add(counters::kBytesPerSecond, gathered.bytes_per_second);
    add(counters::kFlopsPerSecond, gathered.flops_per_second);
  }
  return kernels;
}

std::optional<double> MedianIfAny(const std::vector<double>& values) {
  return values.empty() ? std::nullopt : std::optional(Median(values));
}

}  // namespace

std::vector<KernelFigure> KernelFigures(const RunFile& run) {
  const Ceilings ceilings = ToCeilings(run);
  const std::optional<double>& copy = ceilings.copy_bytes_per_second;
  std::vector<KernelFigure> figures;
  for (const Gathered& gathered : Gather(run)) {
    KernelFigure& figure = figures.emplace_back(KernelFigure{.kernel = gathered.kernel, .error = gathered.error});
    if (figure.error) continue;
    figure.time_us = MedianIfAny(gathered.times_us);
    figure.bytes_per_second = MedianIfAny(gathered.bytes_per_second);
    figure.flops_per_second = MedianIfAny(gathered.flops_per_second);
    if (figure.bytes_per_second && copy) figure.of_copy = *figure.bytes_per_second / *copy;
    const std::optional<GemmFigure> gemm = GemmCeiling(ceilings, RowOf(kElements, figure.kernel.element).precision);
    if (figure.flops_per_second && gemm) figure.of_gemm = *figure.flops_per_second / gemm->flops_per_second;
  }
  return figures;
}

}  // namespace tbench
