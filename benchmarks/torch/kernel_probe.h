#pragma once

#include <memory>

#include "benchmarks/harness/probe.h"
#include "benchmarks/names/kernel_benchmark.h"

namespace c10 {
struct Device;
}

namespace tbench {

// The kernel on random inputs, on the GPU's current stream, warmed up, timed by `timer`. Sets of inputs take turns that
// are together a multiple of the L2 cache: a set that fits would be read from there, and the rate would not be the
// memory's. Kernels that work in place meet their own results again; their time does not depend on values. A backward
// pass of rms_norm is without the sum over its partial weight gradients, which a step takes once for all norms.
// NotSupported for a size or a precision that the kernel does not take, and on a GPU that does not have it.
std::unique_ptr<Probe> MakeTorchKernel(const Kernel& kernel, const c10::Device& device, Timer& timer);

}  // namespace tbench
