#pragma once

#include <optional>
#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"
#include "analysis/verdicts/memory.h"
#include "analysis/verdicts/throughput.h"

namespace tbench {

// Why a record's figures cannot be right; empty where nothing says so, and of a failed one. Its verdicts: a time by
// Throughput's rule or a peak of allocated memory above what the GPU has. Itself: WhyInconsistent's rules.
std::string WhyImplausible(const Record& record, const Machine& machine,
                           const std::optional<ThroughputVerdict>& throughput,
                           const std::optional<MemoryVerdict>& memory);

}  // namespace tbench
