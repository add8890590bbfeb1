#pragma once

#include <map>
#include <string>

#include "benchmarks/torch/host_threads.h"

namespace c10 {
struct Device;
}

namespace tbench {

// What machine and software a run is of, in the keys of the JSON's context. What cannot be read is absent.
std::map<std::string, std::string> MachineContext(const c10::Device& device, const HostThreads& threads);

// The CUDA runtime's, such as 13.0.
std::string CudaVersion();

}  // namespace tbench
