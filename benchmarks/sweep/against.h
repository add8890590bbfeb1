#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/gate/comparison.h"
#include "benchmarks/sweep/signals.h"
#include "benchmarks/sweep/sweep.h"
#include "model/support/flag.h"

// A sweep that is judged against an earlier run: `tbench_sweep --against`.
namespace tbench {

struct AgainstOptions {
  std::string baseline;                         // a run directory or its run.json
  std::optional<std::filesystem::path> binary;  // the program that the baseline was measured with
  std::int64_t rounds = 5;                      // fresh processes of each program for a case that looks slower
  GateOptions gate;
};

// --against, which excludes --shard, and --baseline-binary, --rounds and the gate's flags, which need --against. They
// set `target`.
std::vector<Flag> AgainstFlags(AgainstOptions& target);

// Sweeps, compares with the baseline, measures again what looks slower, old and new program alternating, or every case
// where the old program runs with other software than the baseline's, and reports:
// on stdout and in gate.md in the run directory. Returns the gate's exit code. The measurements are kept in
// remeasured/SLUG/{old,new}-K.json; stopped and started again, it goes on with what is there. Throws InputError before
// anything is run if the baseline cannot be read whole or compared with this machine and grid, or if the old program is
// of another commit than it; else as RunSweep.
int RunSweepAgainst(const SweepOptions& options, const AgainstOptions& against, const Signals& signals);

}  // namespace tbench
