#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/sweep/case_file.h"

namespace tbench {

// True for keys of the JSON's context that differ between good runs on one machine: the date, the load, clocks, …
bool VariesBetweenRuns(std::string_view key);

// "cpu_name: 'a' there, 'b' here", for every other key whose values differ. A model that only one of them names is no
// difference: runs of different models may be joined. Nor is what Google Benchmark wrote into only one of them.
std::vector<std::string> ContextDifferences(const Json& there, const Json& here);

}  // namespace tbench
