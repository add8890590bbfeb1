#pragma once

#include <string>
#include <vector>

#include "benchmarks/names/ceiling.h"
#include "benchmarks/sweep/case_file.h"

namespace tbench {

// What a process that measured ceilings wrote, known to be complete.
struct CeilingFile {
  Json json;
  std::vector<std::string> failures;  // "ceiling/copy/bytes:1024: out_of_memory: …"

  bool failed() const { return !failures.empty(); }
};

// Throws BadCaseFile unless `text` is strict JSON with rows of these ceilings only: each with all its repetitions or
// an error.
CeilingFile ParseCeilingFile(const std::string& text, const std::vector<Ceiling>& ceilings);

// The file of a process that could not write one: an errored row for each ceiling.
Json ErrorCeilingFile(const std::vector<Ceiling>& ceilings, const Json& context, const std::string& error);

// One file for each benchmark of `file`, in its order, as JoinCases takes them.
std::vector<Json> SplitByBenchmark(const Json& file);

// The same rows under the names that the run's end has: each name is one measurement.
Json AtEnd(Json file);

// "fp32 51.4 TFLOP/s, copy 4.24 TB/s": the medians of the main ones that are good.
std::string DescribeCeilings(const CeilingFile& file, const std::vector<Ceiling>& ceilings);

}  // namespace tbench
