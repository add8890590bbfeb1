#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "benchmarks/names/flags.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/ceiling_file.h"
#include "benchmarks/sweep/child_process.h"
#include "benchmarks/sweep/run_directory.h"
#include "benchmarks/sweep/signals.h"

namespace tbench {

// A process of the benchmark program that measures something.
struct MeasuringProcess {
  const std::filesystem::path& binary;
  const BenchFlags& flags;
  std::filesystem::path json, log;  // the files that it leaves, in `directory`
  TimeLimit limit;
  const Json& context;  // as the binary describes it, for the file of a process that wrote none
  const RunDirectory& directory;
  const Signals& signals;
  std::function<void()> tick;  // called about every second
};

// One case. Leaves both files whole, whatever the process does: one that brings no result becomes a row that says why.
// Where `traces` names a folder, the case runs a profiled step too. Throws Interrupted, with nothing left, and errors
// of writing only.
CaseFile RunCaseProcess(const MeasuringProcess& process, const Case& c, const std::filesystem::path& traces);

// The same for ceilings, all in one process.
CeilingFile RunCeilingProcess(const MeasuringProcess& process, const std::vector<Ceiling>& ceilings);

}  // namespace tbench
