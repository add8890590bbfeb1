#pragma once

#include <cuda_runtime_api.h>

namespace tbench {

// Launches a kernel of one thread that does nothing. Returns what the launch did.
cudaError_t LaunchEmptyKernel(cudaStream_t stream);

}  // namespace tbench
