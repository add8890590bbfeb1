#include "benchmarks/empty_kernel.h"

namespace tbench {
namespace {

__global__ void Empty() {}

}  // namespace

cudaError_t LaunchEmptyKernel(cudaStream_t stream) {
  Empty<<<1, 1, 0, stream>>>();
  return cudaGetLastError();
}

}  // namespace tbench
