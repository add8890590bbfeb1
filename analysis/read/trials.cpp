#include "analysis/read/trials.h"

#include "analysis/statistics/statistics.h"

namespace tbench {

std::optional<double> CounterOf(const TimedTrial& trial, const std::string& counter) {
  const auto found = trial.counters.find(counter);
  if (found == trial.counters.end()) return std::nullopt;
  return found->second;
}

std::vector<double> TimesUs(const Record& record) {
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us);
  return times;
}

double MedianTimeUs(const Record& record) { return Median(TimesUs(record)); }

std::optional<double> MedianOf(const Record& record, const std::string& counter) {
  std::vector<double> values;
  for (const TimedTrial& trial : record.trials) {
    if (const auto value = CounterOf(trial, counter)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  return Median(values);
}

std::optional<double> FirstOf(const Record& record, const std::string& counter) {
  return record.trials.empty() ? std::nullopt : CounterOf(record.trials.front(), counter);
}

std::optional<double> LastOf(const Record& record, const std::string& counter) {
  return record.trials.empty() ? std::nullopt : CounterOf(record.trials.back(), counter);
}

}  // namespace tbench
