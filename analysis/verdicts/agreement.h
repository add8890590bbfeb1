#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/read/record.h"

namespace tbench {

// One step in several processes. Times in µs.
struct AgreementVerdict {
  double low, high;      // of the processes' medians
  bool disagree;         // they are more than 5 % apart
  std::string sentence;  // "8.09 to 15.45 ms"
};

// The good ones of records that differ in their warm-ups alone: the same step, measured by different processes. Of a
// case without warm-ups the first trial is left out. Trials of one process are alike, so no case's own deviation shows
// how far its figure moves from process to process; this does. Nothing for fewer than two.
std::optional<AgreementVerdict> Agreement(const std::vector<Record>& records);

}  // namespace tbench
