#include "analysis/verdicts/machine.h"

#include "model/support/input_error.h"

namespace tbench {
namespace {

std::string Context(const RunFile& run, const std::string& key) {
  const auto value = run.context.find(key);
  return value == run.context.end() ? "" : value->second;
}

std::optional<double> MemoryBytes(const RunFile& run) {
  try {
    return double(ParseInteger("gpu_memory_bytes", Context(run, "gpu_memory_bytes"), 1));
  } catch (const InputError&) {
    return std::nullopt;
  }
}

}  // namespace

Machine MachineOf(const RunFile& run) {
  return {.is_gpu = Context(run, "device").starts_with("cuda"),
          .gpu = FindGpu(Context(run, "gpu_name")),
          .memory_bytes = MemoryBytes(run),
          .ceilings = ToCeilings(run)};
}

}  // namespace tbench
