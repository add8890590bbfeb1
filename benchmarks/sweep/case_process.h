#pragma once

#include <filesystem>
#include <functional>

#include "benchmarks/flags.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/child_process.h"
#include "benchmarks/sweep/run_directory.h"
#include "benchmarks/sweep/signals.h"

namespace tbench {

// One case in a process of its own.
struct CaseProcess {
  const std::filesystem::path& binary;
  const BenchFlags& flags;
  const Case& c;
  std::filesystem::path json, log;  // the files that it leaves, in `directory`
  TimeLimit limit;
  const Json& context;  // as the binary describes it, for the file of a case whose process wrote none
};

// Leaves both files whole, whatever the process does: one that brings no result becomes a row that says why. Throws
// Interrupted, with nothing left, and errors of writing only. `tick` is called about every second.
CaseFile RunCaseProcess(const CaseProcess& process, const RunDirectory& directory, const Signals& signals,
                        const std::function<void()>& tick);

}  // namespace tbench
