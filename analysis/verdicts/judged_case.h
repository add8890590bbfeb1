#pragma once

#include <optional>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/verdicts/clocks.h"
#include "analysis/verdicts/host.h"
#include "analysis/verdicts/launch_bound.h"
#include "analysis/verdicts/machine.h"
#include "analysis/verdicts/memory.h"
#include "analysis/verdicts/roofline.h"
#include "analysis/verdicts/spread.h"
#include "analysis/verdicts/throughput.h"
#include "analysis/verdicts/warm_up.h"

namespace tbench {

// A record and everything that can be said about it.
struct JudgedCase {
  Record record;
  std::optional<SpreadVerdict> spread;
  std::optional<ThroughputVerdict> throughput;
  std::optional<RooflineVerdict> roofline;
  std::optional<LaunchVerdict> launch;
  std::optional<WarmUpVerdict> warm_up;
  std::optional<MemoryVerdict> memory;
  std::optional<ClocksVerdict> clocks;
  std::optional<HostVerdict> host;
  std::string implausible;  // why its figures cannot be right; empty where nothing says so
};

// Sorted for reading: by model from small to large, context, pass, further axes, batch, warm-ups. `machines` are those
// of the runs that the records are from, in their order.
std::vector<JudgedCase> Judge(const std::vector<Record>& records, const std::vector<Machine>& machines);

// The records of cases that differ in their warm-ups alone: the same step. In the order of `cases`, which are sorted.
std::vector<std::vector<Record>> BySteps(const std::vector<JudgedCase>& cases);

// Of cases that differ in their warm-ups alone, the one with the most: what says nothing of warm-ups needs no other.
// Failed ones only where none is good.
std::vector<JudgedCase> MostWarmedUp(const std::vector<JudgedCase>& cases);

}  // namespace tbench
