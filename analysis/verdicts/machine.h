#pragma once

#include <optional>

#include "analysis/read/run_file.h"
#include "analysis/verdicts/ceilings.h"
#include "analysis/verdicts/gpu_table.h"

namespace tbench {

// What a run's cases are held against; absent is what nobody knows.
struct Machine {
  bool is_gpu = false;                          // where not, the host computes: no case is launch-bound
  std::optional<GpuPeaks> gpu;                  // by the data sheet
  std::optional<double> memory_bytes;           // of the GPU
  Ceilings ceilings;                            // measured in the run
  std::optional<double> max_sm_clock_mhz = {};  // of the GPU
  std::optional<double> cpu_threads = {};       // that a case may use, where the host computes
};

Machine MachineOf(const RunFile& run);

}  // namespace tbench
