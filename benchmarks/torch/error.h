#pragma once

#include <exception>
#include <string>

namespace tbench {

// "out_of_memory: CUDA out of memory. Tried to allocate …": what LibTorch, CUDA, cuBLAS and cuDNN throw, told by type
// and words, in one line without a stack trace.
std::string DescribeTorchError(const std::exception_ptr& error);

}  // namespace tbench
