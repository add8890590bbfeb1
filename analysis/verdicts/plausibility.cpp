#include "analysis/verdicts/plausibility.h"

#include <fmt/format.h>

#include "analysis/tables/text.h"
#include "analysis/verdicts/memory.h"
#include "analysis/verdicts/throughput.h"

namespace tbench {

std::string WhyImplausible(const Record& record, const Machine& machine) {
  if (record.error) return "";
  if (const auto throughput = Throughput(record, machine); throughput && throughput->implausible) {
    return throughput->sentence;
  }
  const auto memory = Memory(record, machine);
  if (memory && memory->allocated && memory->gpu_memory && *memory->allocated > *memory->gpu_memory) {
    return fmt::format("{} at its peak are more than the GPU's {}", Bytes(*memory->allocated),
                       Bytes(*memory->gpu_memory));
  }
  return "";
}

}  // namespace tbench
