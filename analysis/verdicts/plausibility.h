#pragma once

#include <optional>
#include <string>

#include "analysis/verdicts/memory.h"
#include "analysis/verdicts/throughput.h"

namespace tbench {

// Why a good record's figures cannot be right, by its verdicts; empty where nothing says so: a time by Throughput's
// rule or a peak of allocated memory above what the GPU has.
std::string WhyImplausible(const std::optional<ThroughputVerdict>& throughput,
                           const std::optional<MemoryVerdict>& memory);

}  // namespace tbench
