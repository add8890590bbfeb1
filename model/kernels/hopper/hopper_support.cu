#include <cuda_runtime_api.h>

#include "model/kernels/hopper/hopper_support.h"

namespace tbench::kernels {
namespace {

// Of the folder's code for a device, there is what there is of this.
__global__ void ProbeKernel() {}

}  // namespace

bool HasHopperGemms() {
  cudaFuncAttributes attributes{};
  if (cudaFuncGetAttributes(&attributes, ProbeKernel) == cudaSuccess) return true;
  cudaGetLastError();  // the next call must not report that
  return false;
}

}  // namespace tbench::kernels
