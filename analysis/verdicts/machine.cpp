#include "analysis/verdicts/machine.h"

#include "analysis/verdicts/thresholds.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

std::string Context(const RunFile& run, const std::string& key) {
  const auto value = run.context.find(key);
  return value == run.context.end() ? "" : value->second;
}

// Nothing where it is no positive integer.
std::optional<double> Number(const RunFile& run, const std::string& key) {
  try {
    return double(ParseInteger(key, Context(run, key), 1));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::optional<double> CpuThreads(const RunFile& run) {
  if (Context(run, "device") != "cpu") return std::nullopt;
  for (const char* key : {"threads", "num_cpus"}) {
    if (const std::optional<double> count = Number(run, key)) return count;
  }
  return kAnyThreads;
}

}  // namespace

Machine MachineOf(const RunFile& run) {
  return {.is_gpu = Context(run, "device").starts_with("cuda"),
          .gpu = FindGpu(Context(run, "gpu_name")),
          .memory_bytes = Number(run, "gpu_memory_bytes"),
          .ceilings = ToCeilings(run),
          .max_sm_clock_mhz = Number(run, "max_sm_clock_mhz"),
          .cpu_threads = CpuThreads(run)};
}

}  // namespace tbench
