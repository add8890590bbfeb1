#pragma once

#include <cuda.h>
#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>

// What Hopper's copy engine is told of an array, for tiles in shared memory as hopper.cuh has them.
namespace tbench::kernels::hopper {

// Three dimensions, the innermost first; its stride is 1. Elements.
struct TensorShape {
  std::int64_t sizes[3];
  std::int64_t strides[2];  // of the outer two; multiples of 8
};

// `data` is aligned to 16 bytes. A tile is `box`: at most 256 a dimension, 64 of the innermost one. What lies beyond
// the array reads as 0 and is not written. cudaErrorNotSupported where the driver has no such maps,
// cudaErrorInvalidValue for what it does not take.
cudaError_t MakeTensorMap(CUtensorMap& map, const __nv_bfloat16* data, const TensorShape& shape,
                          const std::uint32_t (&box)[3]);

}  // namespace tbench::kernels::hopper
