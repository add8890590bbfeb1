#include "analysis/verdicts/plausibility.h"

#include <fmt/format.h>

#include "analysis/tables/text.h"
#include "analysis/verdicts/consistency.h"

namespace tbench {

std::string WhyImplausible(const Record& record, const Machine& machine,
                           const std::optional<ThroughputVerdict>& throughput,
                           const std::optional<MemoryVerdict>& memory) {
  if (record.error) return "";
  if (throughput && throughput->implausible) return throughput->sentence;
  if (memory && memory->allocated && memory->gpu_memory && *memory->allocated > *memory->gpu_memory) {
    return fmt::format("{} at its peak are more than the GPU's {}", Bytes(*memory->allocated),
                       Bytes(*memory->gpu_memory));
  }
  return WhyInconsistent(record, machine);
}

}  // namespace tbench
