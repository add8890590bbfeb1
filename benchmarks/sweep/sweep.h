#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "benchmarks/names/flags.h"
#include "benchmarks/sweep/child_process.h"
#include "benchmarks/sweep/shard.h"
#include "benchmarks/sweep/signals.h"

namespace tbench {

struct SweepOptions {
  BenchFlags flags;
  std::string command;  // for the run's context
  std::filesystem::path directory;
  std::filesystem::path binary;
  Shard shard;
  TimeLimit case_limit;
  bool retry_failed = false;
  bool profile = false;  // each case runs one more step, under a profiler
};

// Runs what the directory lacks of the grid and merges all that it has. Returns kExitGood, or kExitFailed if a case of
// the run failed. Throws InputError before anything is written; Interrupted when a signal stopped it and what was there
// is merged; anything else when a file could not be written. `begun` is called once the directory is this sweep's own,
// before anything is measured.
int RunSweep(const SweepOptions& options, const Signals& signals, const std::function<void()>& begun = {});

}  // namespace tbench
