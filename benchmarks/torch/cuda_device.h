#pragma once

#include <cstdint>
#include <memory>

#include "benchmarks/harness/device.h"
#include "benchmarks/torch/host_threads.h"

namespace tbench {

// That GPU, as CUDA numbers them. InputError from a program that was built without the kernels.
std::unique_ptr<Device> OpenCudaDevice(int index, std::uint64_t seed, const HostThreads& threads);

}  // namespace tbench
