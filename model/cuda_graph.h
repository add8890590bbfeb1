#pragma once

#include <ATen/cuda/CUDAGraph.h>
#include <cuda_runtime_api.h>

#include <functional>

namespace tbench {

// Captures what `work` enqueues on LibTorch's current stream, which is not the default one, and makes it ready to
// replay; the graph was made with keep_graph. Kernels take the place of memsets: the host launches a graph of kernels
// alone in a fraction of the time. What `work` throws passes through when the capture has ended.
void Capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work);

// Work as a CUDA graph, to be timed on an otherwise idle GPU without the host's launches. `work` enqueues on `stream`,
// LibTorch's current one and not the default one.
class TimedGraph {
 public:
  TimedGraph(cudaStream_t stream, const std::function<void()>& work);
  ~TimedGraph();
  TimedGraph(const TimedGraph&) = delete;
  TimedGraph& operator=(const TimedGraph&) = delete;
  // Microseconds of one replay, of `replays` in a row.
  float Time(int replays);

 private:
  cudaStream_t stream_;
  at::cuda::CUDAGraph graph_{/*keep_graph=*/true};  // not CUDA's own: LibTorch's operators allocate memory
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
};

// The shortest of `timings` measured times of `work` in microseconds, as a TimedGraph.
float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work);

}  // namespace tbench
