#pragma once

#include <cublasLt.h>
#include <cublas_v2.h>

#include "model/kernels/cuda_check.h"

namespace tbench {

// Opens a library, and closes it.
template <class T, cublasStatus_t (*kCreate)(T*), cublasStatus_t (*kDestroy)(T)>
class Handle {
 public:
  Handle() { CheckCublas(kCreate(&handle_), "open cuBLAS"); }
  ~Handle() { kDestroy(handle_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  T get() const { return handle_; }

 private:
  T handle_ = nullptr;
};

using CublasHandle = Handle<cublasHandle_t, cublasCreate, cublasDestroy>;
using CublasLtHandle = Handle<cublasLtHandle_t, cublasLtCreate, cublasLtDestroy>;

}  // namespace tbench
