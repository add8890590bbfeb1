#include "model/kernels/cuda_check.h"

#include <fmt/format.h>

#include <stdexcept>

namespace tbench {

void CheckCuda(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw std::runtime_error(
      fmt::format("could not {}: {}: {}", what, cudaGetErrorName(status), cudaGetErrorString(status)));
}

void CheckCublas(cublasStatus_t status, const char* what) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  throw std::runtime_error(
      fmt::format("could not {}: {}: {}", what, cublasGetStatusName(status), cublasGetStatusString(status)));
}

}  // namespace tbench
