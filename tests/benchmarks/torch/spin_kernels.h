#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

// Kernels whose time is known, to prove timers with.
namespace tbench {

// Runs for at least so many nanoseconds of the GPU's global timer and writes how many it took to `elapsed`, where that
// is not null (device memory or mapped host memory).
cudaError_t LaunchSpin(cudaStream_t stream, std::uint64_t nanoseconds, std::uint64_t* elapsed);

// Holds the stream until the host writes something else than 0 to `*release` (mapped host memory), or ten seconds.
cudaError_t LaunchBlock(cudaStream_t stream, const volatile int* release);

}  // namespace tbench
