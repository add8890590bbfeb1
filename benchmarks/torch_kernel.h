#pragma once

#include <memory>

#include "benchmarks/kernel.h"

namespace c10 {
struct Device;
}

namespace tbench {

// The kernel on random inputs, on the GPU's current stream, warmed up, timed by `timer`. Its sets of inputs take turns
// and are together a multiple of the L2 cache, as in a step, where all that a kernel reads was written long ago:
// otherwise a small set would be read from there. Kernels that work in place meet their own results again; their time
// does not depend on values. A backward pass of rms_norm is without the sum over its partial weight gradients, which a
// step takes once for all norms. NotSupported for a size that the kernels do not take.
std::unique_ptr<KernelProbe> MakeTorchKernel(const Kernel& kernel, const c10::Device& device, Timer& timer);

}  // namespace tbench
