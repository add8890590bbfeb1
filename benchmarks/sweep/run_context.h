#pragma once

#include <string>
#include <vector>

#include "benchmarks/sweep/case_file.h"

namespace tbench {

// "cpu_name: 'a' there, 'b' here", for every key whose values differ though they are those of one kind of machine.
// Which of several equal GPUs it was, how many are visible and clocks may differ. A model that only one of them names
// is no difference: runs of different models may be joined. Nor is what Google Benchmark wrote into only one of them.
std::vector<std::string> ContextDifferences(const Json& there, const Json& here);

// The same within one part of a run, which stays on one GPU.
std::vector<std::string> DifferencesWithinPart(const Json& there, const Json& here);

}  // namespace tbench
