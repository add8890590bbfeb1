#pragma once

#include <cuda_runtime_api.h>

#include <functional>

namespace tbench {

// The shortest of `timings` measured times of `work` in microseconds, on an idle GPU. The work is launched many times
// over from a CUDA graph, so that no launch of the host is in it; it is enqueued on `stream`, which is not the default
// one.
float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work);

}  // namespace tbench
