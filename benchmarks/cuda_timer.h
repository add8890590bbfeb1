#pragma once

#include <cuda_runtime_api.h>

#include "benchmarks/timer.h"

namespace tbench {

// std::runtime_error that says what was tried and CUDA's own words, unless `status` is success.
void CheckCuda(cudaError_t status, const char* what);

// CUDA events around the step and between its phases, on one stream. The trial: drain the stream, record start, run the
// step, record stop, wait for stop. An empty kernel timed so reads some microseconds, not 0: the launch is inside.
class CudaTimer final : public Timer {
 public:
  // Creates the events; a trial creates none.
  explicit CudaTimer(cudaStream_t stream);
  ~CudaTimer() override;
  CudaTimer(const CudaTimer&) = delete;
  CudaTimer& operator=(const CudaTimer&) = delete;

  Trial Time(const TimedStep& step) override;

 private:
  Microseconds Between(cudaEvent_t from, cudaEvent_t to) const;

  cudaStream_t stream_;
  cudaEvent_t start_ = nullptr;
  cudaEvent_t stop_ = nullptr;
  std::array<cudaEvent_t, kPhases> phase_end_{};
};

}  // namespace tbench
