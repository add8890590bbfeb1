#pragma once

#include <memory>

#include "benchmarks/harness/device.h"
#include "benchmarks/names/flags.h"

namespace tbench {

// LibTorch on the CPU or GPU that the flags name; with `auto` a GPU if there is one. Sets the number of threads.
// InputError for a GPU that is not there, and for environment variables that would change a precision behind the case's
// name.
std::unique_ptr<Device> OpenTorchDevice(const BenchFlags& flags);

}  // namespace tbench
