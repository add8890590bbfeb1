#include "benchmarks/torch/cuda_timer.h"

#include <bitset>

#include "benchmarks/torch/empty_kernel.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

using Clock = std::chrono::steady_clock;

class EventMarks final : public PhaseMarks {
 public:
  EventMarks(cudaStream_t stream, const std::array<cudaEvent_t, kPhases>& events) : stream_(stream), events_(events) {}
  void End(Phase phase) override {
    CheckCuda(cudaEventRecord(events_[std::size_t(phase)], stream_), "record the end of a phase");
    recorded_.set(std::size_t(phase));
  }
  void EndInGraph(Phase phase) override { recorded_.set(std::size_t(phase)); }
  bool recorded(std::size_t phase) const { return recorded_[phase]; }

 private:
  cudaStream_t stream_;
  const std::array<cudaEvent_t, kPhases>& events_;
  std::bitset<kPhases> recorded_;
};

// Leaves the events in the graph that is captured on the stream.
class CaptureMarks final : public PhaseMarks {
 public:
  CaptureMarks(cudaStream_t stream, const std::array<cudaEvent_t, kPhases>& events)
      : stream_(stream), events_(events) {}
  void End(Phase phase) override {
    CheckCuda(cudaEventRecordWithFlags(events_[std::size_t(phase)], stream_, cudaEventRecordExternal),
              "record the end of a phase in a graph");
  }

 private:
  cudaStream_t stream_;
  const std::array<cudaEvent_t, kPhases>& events_;
};

}  // namespace

CudaTimer::CudaTimer(cudaStream_t stream) : stream_(stream) {
  CheckCuda(cudaEventCreate(&start_), "create an event");
  CheckCuda(cudaEventCreate(&stop_), "create an event");
  for (cudaEvent_t& event : phase_end_) CheckCuda(cudaEventCreate(&event), "create an event");
}

CudaTimer::~CudaTimer() {
  for (cudaEvent_t event : phase_end_) cudaEventDestroy(event);
  cudaEventDestroy(stop_);
  cudaEventDestroy(start_);
}

std::unique_ptr<PhaseMarks> CudaTimer::MarksForCapture(cudaStream_t stream) const {
  return std::make_unique<CaptureMarks>(stream, phase_end_);
}

Trial CudaTimer::Time(const TimedStep& step) {
  EventMarks marks(stream_, phase_end_);
  CheckCuda(cudaStreamSynchronize(stream_), "drain the stream");
  // The host's first launch after a long wait is slow, and would be timed: this one is that.
  CheckCuda(LaunchEmptyKernel(stream_), "launch an empty kernel");
  const auto t0 = Clock::now();
  CheckCuda(cudaEventRecord(start_, stream_), "record the start");
  step(marks);
  const auto t1 = Clock::now();  // everything is enqueued
  CheckCuda(cudaEventRecord(stop_, stream_), "record the stop");
  CheckCuda(cudaEventSynchronize(stop_), "wait for the stop");
  const auto t2 = Clock::now();

  Trial trial{.iteration = Between(start_, stop_), .enqueue = t1 - t0, .end_to_end = t2 - t0, .phase = {}};
  cudaEvent_t begin = start_;
  for (std::size_t i = 0; i < kPhases; ++i) {
    if (!marks.recorded(i)) continue;
    trial.phase[i] = Between(begin, phase_end_[i]);
    begin = phase_end_[i];
  }
  return trial;
}

Microseconds CudaTimer::Between(cudaEvent_t from, cudaEvent_t to) const {
  float milliseconds = 0;  // at a resolution of about 0.5 us
  CheckCuda(cudaEventElapsedTime(&milliseconds, from, to), "read the time between two events");
  return std::chrono::duration<float, std::milli>(milliseconds);
}

}  // namespace tbench
