#pragma once

#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

// Why a good record's figures cannot be right; empty where nothing says so: a time by Throughput's rule or a
// peak of allocated memory above what the GPU has.
std::string WhyImplausible(const Record& record, const Machine& machine);

}  // namespace tbench
