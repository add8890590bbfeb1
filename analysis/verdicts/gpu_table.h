#pragma once

#include <optional>
#include <string_view>

#include "model/spec/precision.h"

namespace tbench {

// The best rates of GEMMs and copies measured on this GPU model, a second.
struct ReachedRates {
  std::optional<double> fp32_flops, tf32_flops, bf16_flops;
  double memory_bytes;  // read and written
};

// Dense peaks by the data sheet, at boost clock; absent where the GPU has no such unit.
struct GpuPeaks {
  std::string_view name;                                     // as people say it: "H100 SXM"
  std::optional<double> fp32_flops, tf32_flops, bf16_flops;  // a second; FP32 without tensor cores
  double memory_bytes;                                       // a second
  std::optional<ReachedRates> reached;                       // measured by nobody: absent
};

// By the driver's name of the GPU, as in the context's `gpu_name`: "NVIDIA H100 80GB HBM3". Nothing for one that the
// table does not hold: a wrong peak is worse than none.
std::optional<GpuPeaks> FindGpu(std::string_view driver_name);

// FLOP/s of GEMMs in that precision. `fp32x3` multiplies three times in TF32: a third of its peak.
std::optional<double> PeakFlops(const GpuPeaks& gpu, Precision precision);

// The same of what was reached.
std::optional<double> ReachedFlops(const GpuPeaks& gpu, Precision precision);

}  // namespace tbench
