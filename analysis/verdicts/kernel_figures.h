#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/read/run_file.h"
#include "benchmarks/names/kernel_benchmark.h"

namespace tbench {

// A fused operation by itself: medians over the rows of its name. What was not measured is absent.
struct KernelFigure {
  Kernel kernel;
  std::optional<double> time_us;
  std::optional<double> bytes_per_second;  // of those that must move
  std::optional<double> of_copy;           // share of the run's copy ceiling, if it has one
  std::optional<double> flops_per_second;  // of the GEMM in it, if there is one
  std::optional<double> of_gemm;           // share of the run's ceiling of products in its precision, if it has one
  std::optional<std::string> error;        // of a kernel that failed: it has no figures

  bool operator==(const KernelFigure&) const = default;
};

// From the run's rows `kernel/…`, in the order of the file. Kernels of a later version are left out.
std::vector<KernelFigure> KernelFigures(const RunFile& run);

}  // namespace tbench
