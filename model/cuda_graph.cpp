#include "model/cuda_graph.h"

#include <algorithm>
#include <limits>

#include "model/cuda_check.h"

namespace tbench {
namespace {

constexpr int kMost = 20;
constexpr float kEnoughMicroseconds = 500;

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

class Replay {
 public:
  Replay(cudaStream_t stream, int times, const std::function<void()>& work) : stream_(stream) {
    cudaGraph_t graph = nullptr;
    CheckCuda(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "begin a graph");
    try {
      for (int i = 0; i < times; ++i) work();
    } catch (...) {
      cudaStreamEndCapture(stream, &graph);
      cudaGraphDestroy(graph);
      throw;
    }
    CheckCuda(cudaStreamEndCapture(stream, &graph), "end a graph");
    const cudaError_t status = cudaGraphInstantiate(&executable_, graph, 0);
    cudaGraphDestroy(graph);
    CheckCuda(status, "instantiate a graph");
  }
  ~Replay() { cudaGraphExecDestroy(executable_); }
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;

  float Microseconds() {
    start_.Record(stream_);
    CheckCuda(cudaGraphLaunch(executable_, stream_), "launch a graph");
    stop_.Record(stream_);
    CheckCuda(cudaEventSynchronize(stop_.get()), "wait for a graph");
    float milliseconds = 0;
    CheckCuda(cudaEventElapsedTime(&milliseconds, start_.get(), stop_.get()), "read the time between two events");
    return milliseconds * 1e3F;
  }

 private:
  cudaStream_t stream_;
  cudaGraphExec_t executable_ = nullptr;
  Event start_, stop_;
};

}  // namespace

float TimeInGraph(cudaStream_t stream, int timings, const std::function<void()>& work) {
  Replay once(stream, 1, work);
  once.Microseconds();  // loads the kernels
  const float one = std::max(once.Microseconds(), 1.F);
  const int times = std::clamp(int(kEnoughMicroseconds / one), 1, kMost);
  Replay many(stream, times, work);
  float best = std::numeric_limits<float>::infinity();
  for (int i = 0; i < timings; ++i) best = std::min(best, many.Microseconds() / float(times));
  return best;
}

}  // namespace tbench
