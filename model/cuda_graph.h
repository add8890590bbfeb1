#pragma once

#include <cuda_runtime_api.h>

#include <functional>

namespace tbench {

// The shortest of `timings` measured times of `work` in microseconds, on an otherwise idle GPU: as a CUDA graph, so
// that no launch of the host is in it. `work` enqueues on `stream`, LibTorch's current one and not the default one.
float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work);

}  // namespace tbench
