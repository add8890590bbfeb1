#pragma once

#include <cuda_runtime_api.h>

// A memset of a CUDA graph as a kernel.
namespace tbench::kernels {

// Whether it is of one row, to an address that is a multiple of 16.
bool CanBeFillNode(const cudaMemsetParams& memset);

// Adds a kernel that writes what the memset would, without dependencies.
cudaError_t AddFillNode(cudaGraph_t graph, const cudaMemsetParams& memset, cudaGraphNode_t* node);

}  // namespace tbench::kernels
