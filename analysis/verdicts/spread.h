#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/verdicts/robust.h"

namespace tbench {

// Times in µs.
struct SpreadVerdict {
  MedianInterval median;
  double mean, deviation;             // the sample deviation; 0 for one trial, as in the summary
  double low, high;                   // of all trials
  std::vector<std::size_t> outliers;  // indices from 0; no figure leaves them out
  std::optional<LevelShift> shift;
  std::pair<double, double> quartiles;  // but for the first trial of a case without warm-ups
  bool unsteady;                        // the quartiles are more than 10 % of the median apart
  // What stands out; empty if nothing does. Trials count from 1; of more than ten outliers the farthest are named.
  std::string sentence;
};

// Outliers have a modified z-score beyond ±3.5 and are at least 5 % off the median: where trials agree to 0.1 %, a
// score alone names noise. Where the level shifts there are none: two levels have no one median to be away from. The
// first trial of a case without warm-ups is the warm-up verdict's: it is no outlier, and level shifts are looked for
// after it. Unsteady are cases without a level shift whose quartiles, the first such trial aside, are far apart; they
// have no outliers either. Fewer than 4 trials say nothing of that. Nothing for a failed case.
std::optional<SpreadVerdict> Spread(const Record& record);

}  // namespace tbench
