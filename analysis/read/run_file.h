#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/read/counter_values.h"

namespace tbench {

// One iteration row of a Google Benchmark file: one trial of a case.
struct Row {
  std::string name;
  std::int64_t family_index = 0;  // tells a benchmark's first measurement in a run from a later one
  std::int64_t repetitions = 1;
  std::int64_t repetition_index = 0;
  double threads = 1, iterations = 1;  // that its time is of
  std::optional<double> real_time_us;  // absent where the file has none that IsTrialTime
  CounterValues counters;
  std::string label;
  std::optional<std::string> error;
};

// What a file of Google Benchmark's JSON holds. Its aggregates are left out: they average over failed trials too.
struct RunFile {
  std::string source;                          // the file's path, for messages; empty where there is none
  std::map<std::string, std::string> context;  // strings, numbers and booleans, as text
  std::vector<Row> rows;
  std::vector<std::string> problems;  // what could not be read, each a sentence
};

// Never throws on bad text: complete rows of a cut file are used, bare NaN and Infinity become absent numbers, bytes
// that are no UTF-8 become U+FFFD, and what cannot be read is reported in `problems`.
RunFile ParseRunFile(std::string_view text);

}  // namespace tbench
