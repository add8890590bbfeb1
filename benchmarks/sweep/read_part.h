#pragma once

#include <string>

#include "benchmarks/sweep/merge.h"

namespace tbench {

// Reads a run directory or its run.json. InputError if it is neither.
RunPart ReadRunPart(const std::string& path);

}  // namespace tbench
