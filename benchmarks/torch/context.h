#pragma once

#include <map>
#include <string>

namespace c10 {
struct Device;
}

namespace tbench {

// What machine and software a run is of, in the keys of the JSON's context. What cannot be read is absent.
// `threads_from` is HostThreads' `from`.
std::map<std::string, std::string> MachineContext(const c10::Device& device, const std::string& threads_from);

// The CUDA runtime's, such as 13.0.
std::string CudaVersion();

}  // namespace tbench
