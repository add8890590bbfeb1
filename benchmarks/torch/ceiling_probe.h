#pragma once

#include <memory>

#include "benchmarks/harness/probe.h"
#include "benchmarks/harness/timer.h"
#include "benchmarks/names/ceiling.h"

namespace c10 {
struct Device;
}

namespace tbench {

// The ceiling's work on the device's current stream, warmed up, timed by `timer`. GEMMs are of random normal
// matrices: zeros run faster. Sets LibTorch's process-wide precision of GEMMs. NotSupported for a launch or a TF32 GEMM
// on a CPU.
std::unique_ptr<Probe> MakeTorchCeiling(const Ceiling& ceiling, const c10::Device& device, Timer& timer);

}  // namespace tbench
