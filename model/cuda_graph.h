#pragma once

#include <ATen/cuda/CUDAGraph.h>
#include <cuda_runtime_api.h>

#include <functional>

namespace tbench {

// Captures what `work` enqueues on LibTorch's current stream, which is not the default one, and makes it ready to
// replay; the graph was made with keep_graph. Kernels take the place of memsets: the host launches a graph of kernels
// alone in a fraction of the time. What `work` throws passes through when the capture has ended.
void Capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work);

// The shortest of `timings` measured times of `work` in microseconds, on an otherwise idle GPU: as a CUDA graph, so
// that no launch of the host is in it. `work` enqueues on `stream`, LibTorch's current one and not the default one.
float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work);

}  // namespace tbench
