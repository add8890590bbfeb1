#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "analysis/read/record.h"

namespace tbench {

// Whether nothing had run in the process before the first trial.
enum class Start { kCold, kNotCold, kUnknown };

struct WarmUpVerdict {
  Start start;
  double steady_us;           // median of all trials but the first
  double first_step_cost_us;  // what the first trial took beyond that
  std::optional<std::size_t>
      enough;            // warm-ups after which every trial is steady; nothing if half of the trials do not do
  std::string sentence;  // "1 is enough: trial 2 is within 2 % of steady"
};

// From a case without warm-ups that has at least 4 trials. A trial of the earlier half is still warming up if it is
// more than 5 % slower than steady, and slower than the later half of the trials scatters (modified z-score above 3.5);
// a faster one is not. `enough` is the number of trials up to the last such one. A case without warm-ups is called
// cold; it was, if it is eager and `steps_before` of its first trial is 0.
std::optional<WarmUpVerdict> WarmUp(const Record& record);

}  // namespace tbench
