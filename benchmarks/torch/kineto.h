#pragma once

#include <filesystem>
#include <functional>
#include <vector>

#include "benchmarks/harness/profile.h"

namespace tbench {

// Runs the work under Kineto, waits for the GPU, and returns what the GPU ran. The trace, written whole, holds the
// host's operators and launches too; Perfetto and chrome://tracing open it. Times are on the profiler's clock.
std::vector<GpuActivity> ProfileWithKineto(const std::function<void()>& work, const std::filesystem::path& trace);

}  // namespace tbench
