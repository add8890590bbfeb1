#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "benchmarks/names/case.h"

namespace tbench {

using Json = nlohmann::ordered_json;

// What a child left is not the result of its case: cut off, of another case, with trials missing. what() says which.
struct BadCaseFile : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Throws BadCaseFile where values are nested deeper than any file of ours, whose copies and indentation would take
// stack and disk without end; nlohmann's exceptions where it is no JSON. Bytes that are no UTF-8 become U+FFFD.
Json ParseJson(const std::string& text);

// One case's Google Benchmark JSON, known to be that case's and complete.
struct CaseFile {
  Json json;
  std::string error;     // the first errored row's message; empty: the case is good
  double median_us = 0;  // of the trials, 0 for a failed case
  // Parts of the process's wall time, 0 where the rows do not tell.
  double setup_us = 0;  // building model and batch
  double steps_us = 0;  // warm-ups and trials, end to end

  bool failed() const { return !error.empty(); }
};

// Throws BadCaseFile unless `text` is strict JSON with rows of `c` only: each of `trials` trials once or, where one of
// them is an error, any of them.
CaseFile ParseCaseFile(const std::string& text, const Case& c, std::int64_t trials);

// The time of a good row, in µs, the unit of all of ours. BadCaseFile where readers could not use it; nlohmann's
// exceptions where there is none.
double TimeUs(const Json& row);

// An errored row of a benchmark whose process could not write one, with what compare.py reads.
Json ErrorRow(const std::string& row_name, std::int64_t repetitions, const std::string& error);

// The file of a case whose process could not write one: one errored row.
Json ErrorCaseFile(const Case& c, std::int64_t trials, const Json& context, const std::string& error);

// As text for a file. Bytes that are no UTF-8 (a log may hold any) become U+FFFD.
std::string ToText(const Json& json);

}  // namespace tbench
