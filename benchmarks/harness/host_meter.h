#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "benchmarks/names/host_usage.h"

namespace tbench {

// What Linux has counted of this process and the cores that it may run on so far.
struct HostCounts {
  std::chrono::steady_clock::time_point at;
  std::optional<double> waited_us, stolen_us, preemptions;  // as in HostUsage
};

// `root` is "/", or a folder with proc for a test. Nothing for a kernel without scheduler statistics.
HostCounts ReadHostCounts(const std::filesystem::path& root = "/");

HostUsage UsageBetween(const HostCounts& before, const HostCounts& after);

}  // namespace tbench
