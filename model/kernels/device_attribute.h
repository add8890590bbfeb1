#pragma once

#include <cuda_runtime_api.h>

namespace tbench::kernels {

// Of the current device. `value` stays as it is where CUDA reports an error.
inline cudaError_t DeviceAttribute(cudaDeviceAttr attribute, int& value) {
  int device = 0;
  const cudaError_t error = cudaGetDevice(&device);
  return error != cudaSuccess ? error : cudaDeviceGetAttribute(&value, attribute, device);
}

// How many it has, likewise.
inline cudaError_t Multiprocessors(int& count) { return DeviceAttribute(cudaDevAttrMultiProcessorCount, count); }

}  // namespace tbench::kernels
