#pragma once

#include <functional>
#include <memory>

#include "benchmarks/harness/device.h"
#include "benchmarks/names/flags.h"

namespace tbench {

using OpenDevice = std::function<std::unique_ptr<Device>(const BenchFlags&)>;

// The Google Benchmark program around a device: reads the flags, registers the grid's cases, runs what the filter
// selects. Returns 0 if every case that ran is good, 1 if one failed. Throws InputError, before anything is written,
// for a flag, environment variable, grid or filter that cannot be used.
int BenchMain(const OpenDevice& open_device, int argc, char** argv);

}  // namespace tbench
