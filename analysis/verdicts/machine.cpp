#include "analysis/verdicts/machine.h"

#include "model/support/input_error.h"

namespace tbench {
namespace {

std::string Context(const RunFile& run, const std::string& key) {
  const auto value = run.context.find(key);
  return value == run.context.end() ? "" : value->second;
}

std::optional<double> Number(const RunFile& run, const std::string& key) {
  try {
    return double(ParseInteger(key, Context(run, key), 1));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace

Machine MachineOf(const RunFile& run) {
  return {.is_gpu = Context(run, "device").starts_with("cuda"),
          .gpu = FindGpu(Context(run, "gpu_name")),
          .memory_bytes = Number(run, "gpu_memory_bytes"),
          .cpu_threads = Number(run, "threads"),
          .ceilings = ToCeilings(run)};
}

}  // namespace tbench
