#include "analysis/verdicts/kernel_figures.h"

#include <algorithm>
#include <iterator>

#include "analysis/statistics.h"
#include "analysis/verdicts/ceilings.h"
#include "benchmarks/counters.h"
#include "model/input_error.h"

namespace tbench {
namespace {

struct Gathered {
  Kernel kernel;
  std::vector<double> times_us, rates;
  std::optional<std::string> error;
};

std::optional<Kernel> KernelOf(const Row& row) {
  try {
    return ParseKernelName(row.name);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::vector<Gathered> Gather(const RunFile& run) {
  std::vector<Gathered> kernels;
  for (const Row& row : run.rows) {
    const std::optional<Kernel> kernel = KernelOf(row);
    if (!kernel) continue;
    auto gathered = std::ranges::find(kernels, *kernel, &Gathered::kernel);
    if (gathered == kernels.end()) {
      kernels.push_back({.kernel = *kernel, .times_us = {}, .rates = {}, .error = {}});
      gathered = std::prev(kernels.end());
    }
    if (row.error && !gathered->error) gathered->error = row.error;
    if (row.real_time_us) gathered->times_us.push_back(*row.real_time_us);
    const auto rate = row.counters.find(counters::kBytesPerSecond);
    if (rate != row.counters.end()) gathered->rates.push_back(rate->second);
  }
  return kernels;
}

std::optional<double> Median(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  return Quantile(values, 0.5);
}

}  // namespace

std::vector<KernelFigure> KernelFigures(const RunFile& run) {
  const std::optional<double> copy = ToCeilings(run).copy_bytes_per_second;
  std::vector<KernelFigure> figures;
  for (const Gathered& gathered : Gather(run)) {
    KernelFigure& figure = figures.emplace_back(KernelFigure{.kernel = gathered.kernel, .error = gathered.error});
    if (figure.error) continue;
    figure.time_us = Median(gathered.times_us);
    figure.bytes_per_second = Median(gathered.rates);
    if (figure.bytes_per_second && copy) figure.of_copy = *figure.bytes_per_second / *copy;
  }
  return figures;
}

}  // namespace tbench
