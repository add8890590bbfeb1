#pragma once

#include <string>
#include <vector>

#include "analysis/verdicts/judged_case.h"

namespace tbench {

// What a reader must know before believing a number, worst first, each in one line: failed cases, what could not be
// read, implausible times, throttling, company on the GPU, drift of the ceilings, processes that disagree, level
// shifts, outliers, cases that were not cold, launch-bound cases, a timer's bias. "Nothing stands out" where that is
// so. Then what is good to know: the cost of a first step, and on a GPU what there is no verdict on.
std::vector<std::string> Findings(const std::vector<JudgedCase>& cases, const std::vector<Machine>& machines,
                                  const std::vector<std::string>& problems);

}  // namespace tbench
