#pragma once

#include <cuda_runtime_api.h>

namespace tbench {

// What a profiler calls the kernel contains this.
inline constexpr const char* kEmptyKernelName = "TbenchEmptyKernel";

// Launches a kernel of one thread that does nothing. Returns what the launch did.
cudaError_t LaunchEmptyKernel(cudaStream_t stream);

}  // namespace tbench
