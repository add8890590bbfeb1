#pragma once

#include <string>
#include <vector>

#include "benchmarks/sweep/case_file.h"

namespace tbench {

// One Google Benchmark JSON of many cases: their rows in the order given, each case a family of its own number.
Json JoinCases(const Json& context, std::vector<Json> files);

// What `merge` reads of one run.
struct RunPart {
  std::string source;             // for messages
  Json json;                      // run.json
  std::vector<std::string> grid;  // every case of the run's grid, where its directory says
  std::string program;            // a hash of the benchmark program, where its directory says
};

struct MergedRun {
  Json json;
  std::vector<std::string> missing;  // cases of the grids that no part has
};

// Joins parts in the order of their grids, cases that are in no grid last. Keeps every part's ceilings: start ones
// first, end ones last. InputError, naming what and where, if two parts are of different machines, software or
// programs, or hold the same case, or if one holds no rows of ours.
MergedRun MergeRuns(std::vector<RunPart> parts);

// The text of a run.json; what its directory says is not in it. InputError, naming the source, unless it is one with
// rows that readers can use.
RunPart ParseRunPart(const std::string& source, const std::string& text);

}  // namespace tbench
