#include "model/cuda_graph.h"

#include <algorithm>
#include <limits>

#include "model/cuda_check.h"

namespace tbench {
namespace {

class Event {
 public:
  Event() { CheckCuda(cudaEventCreate(&event_), "create an event"); }
  ~Event() { cudaEventDestroy(event_); }
  Event(const Event&) = delete;
  Event& operator=(const Event&) = delete;
  void Record(cudaStream_t stream) { CheckCuda(cudaEventRecord(event_, stream), "record an event"); }
  cudaEvent_t get() const { return event_; }

 private:
  cudaEvent_t event_ = nullptr;
};

}  // namespace

void Capture(at::cuda::CUDAGraph& graph, const std::function<void()>& work) {
  graph.capture_begin();
  try {
    work();
  } catch (...) {
    try {
      graph.capture_end();
    } catch (...) {  // what ended the work says more
    }
    throw;
  }
  graph.capture_end();
}

float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work) {
  at::cuda::CUDAGraph graph;  // not CUDA's own: LibTorch's operators allocate memory
  Capture(graph, work);
  Event start, stop;
  float best = std::numeric_limits<float>::infinity();
  for (int i = 0; i <= timings; ++i) {
    start.Record(stream);
    graph.replay();
    stop.Record(stream);
    CheckCuda(cudaEventSynchronize(stop.get()), "wait for a graph");
    float milliseconds = 0;
    CheckCuda(cudaEventElapsedTime(&milliseconds, start.get(), stop.get()), "read the time between two events");
    if (i > 0) best = std::min(best, milliseconds * 1e3F);  // the first replay uploads the graph and loads kernels
  }
  return best;
}

}  // namespace tbench
