#pragma once

#include <cublas_v2.h>
#include <cuda_runtime_api.h>

namespace tbench {

// std::runtime_error "could not WHAT: NAME: text" if the call failed.
void CheckCuda(cudaError_t status, const char* what);
void CheckCublas(cublasStatus_t status, const char* what);

}  // namespace tbench
