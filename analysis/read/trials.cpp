#include "analysis/read/trials.h"

#include "analysis/statistics/statistics.h"

namespace tbench {
namespace {

std::optional<double> Counter(const TimedTrial& trial, const std::string& name) {
  const auto counter = trial.counters.find(name);
  if (counter == trial.counters.end()) return std::nullopt;
  return counter->second;
}

}  // namespace

std::vector<double> TimesUs(const Record& record) {
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us);
  return times;
}

double MedianTimeUs(const Record& record) { return Median(TimesUs(record)); }

std::optional<double> MedianOf(const Record& record, const std::string& counter) {
  std::vector<double> values;
  for (const TimedTrial& trial : record.trials) {
    if (const auto value = Counter(trial, counter)) values.push_back(*value);
  }
  if (values.empty()) return std::nullopt;
  return Median(values);
}

std::optional<double> FirstOf(const Record& record, const std::string& counter) {
  return record.trials.empty() ? std::nullopt : Counter(record.trials.front(), counter);
}

std::optional<double> LastOf(const Record& record, const std::string& counter) {
  return record.trials.empty() ? std::nullopt : Counter(record.trials.back(), counter);
}

}  // namespace tbench
