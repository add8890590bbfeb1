#pragma once

#include <cuda_runtime_api.h>

#include <memory>

#include "benchmarks/harness/timer.h"

namespace tbench {

// CUDA events around the step and between its phases, on one stream. The trial: drain the stream, launch an empty
// kernel (so that the step's first launch is not the first after a long wait), record start, run the step, record stop,
// wait for stop. The launch of the step's first kernel is inside: an empty kernel timed so reads 5 to 7 us on an H200,
// and a kernel of any length as much too long (tests/benchmarks/torch/timer_gpu_test.cpp).
class CudaTimer final : public Timer {
 public:
  // Creates the events; a trial creates none.
  explicit CudaTimer(cudaStream_t stream);
  ~CudaTimer() override;
  CudaTimer(const CudaTimer&) = delete;
  CudaTimer& operator=(const CudaTimer&) = delete;

  Trial Time(const TimedStep& step) override;

  // Marks for a step that is captured from `stream` into a CUDA graph; each replay then calls EndInGraph. They are this
  // timer's events: it outlives the graph.
  std::unique_ptr<PhaseMarks> MarksForCapture(cudaStream_t stream) const;

 private:
  Microseconds Between(cudaEvent_t from, cudaEvent_t to) const;

  cudaStream_t stream_;
  cudaEvent_t start_ = nullptr;
  cudaEvent_t stop_ = nullptr;
  std::array<cudaEvent_t, kPhases> phase_end_{};
};

}  // namespace tbench
