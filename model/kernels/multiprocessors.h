#pragma once

#include <cuda_runtime_api.h>

namespace tbench::kernels {

// How many the current device has. `count` stays as it is where CUDA reports an error.
inline cudaError_t Multiprocessors(int& count) {
  int device = 0;
  const cudaError_t error = cudaGetDevice(&device);
  return error != cudaSuccess ? error : cudaDeviceGetAttribute(&count, cudaDevAttrMultiProcessorCount, device);
}

}  // namespace tbench::kernels
