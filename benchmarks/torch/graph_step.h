#pragma once

#include <ATen/cuda/CUDAGraph.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/harness/step.h"
#include "benchmarks/torch/cuda_timer.h"

namespace tbench {

// A whole step as one CUDA graph, replayed on the current stream. Before the capture the step runs twice, eagerly,
// since libraries set themselves up at first use; after it the graph is replayed once, since a first launch uploads it.
// Then weights and optimizer state are reset: the first Run is the step's first.
class GraphStep final : public Step {
 public:
  // The step's phases end at marks of `timer`, which outlives this.
  GraphStep(std::unique_ptr<CapturableStep> step, const CudaTimer& timer, const at::Device& device);

  void Run(PhaseMarks& marks) override;
  std::int64_t steps_to_build() const override { return kEagerSteps + 1; }
  double Loss() override { return step_->Loss(); }
  std::string Label() const override { return step_->Label(); }

 private:
  static constexpr std::int64_t kEagerSteps = 2;

  std::unique_ptr<CapturableStep> step_;
  at::cuda::CUDAGraph graph_{/*keep_graph=*/true};
  std::vector<Phase> phases_;  // in the order in which they end
};

}  // namespace tbench
