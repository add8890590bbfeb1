#pragma once

#include <map>
#include <string>
#include <vector>

#include "analysis/read/record.h"
#include "model/support/atomic_file.h"

namespace tbench {

// A record of the trials, each with the counters.
inline Record TestRecord(const Case& c, const std::vector<double>& times_ms,
                         const std::map<std::string, double>& counters = {}) {
  Record record{.c = c, .config = ModelTable().Find(c.model)};
  for (const double time : times_ms) record.trials.push_back({time * 1000, counters});
  return record;
}

inline Record FailedTestRecord(const Case& c, const std::string& error) {
  Record record = TestRecord(c, {});
  record.error = error;
  return record;
}

inline std::vector<double> TimesMs(const Record& record) {
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us / 1000);
  return times;
}

// 60 cases, with times alone.
inline std::vector<Record> ReferenceRecords() {
  return ToRecords({ParseRunFile(ReadFile(TBENCH_TESTDATA "/reference/run.json"))}).records;
}

// 60 cases, with counters of a GPU.
inline std::vector<Record> PublishedRecords() {
  return ToRecords({ParseRunFile(ReadFile(TBENCH_RESULTS "/h200-seed/run.json"))}).records;
}

}  // namespace tbench
