#include "benchmarks/torch/graph_step.h"

#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include "model/fused/cuda_graph.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

class RecordedMarks final : public PhaseMarks {
 public:
  RecordedMarks(std::unique_ptr<PhaseMarks> marks, std::vector<Phase>& phases)
      : marks_(std::move(marks)), phases_(phases) {}
  void End(Phase phase) override {
    marks_->End(phase);
    phases_.push_back(phase);
  }

 private:
  std::unique_ptr<PhaseMarks> marks_;
  std::vector<Phase>& phases_;
};

}  // namespace

GraphStep::GraphStep(std::unique_ptr<CapturableStep> step, const CudaTimer& timer, const at::Device& device)
    : step_(std::move(step)) {
  CheckCuda(cudaDeviceSynchronize(), "wait for the step's making");
  {
    const auto stream = at::cuda::getStreamFromPool(/*isHighPriority=*/true, device.index());
    const c10::cuda::CUDAStreamGuard guard(stream);
    NoMarks none;
    for (std::int64_t i = 0; i < kEagerSteps; ++i) step_->Run(none);
    CheckCuda(cudaDeviceSynchronize(), "wait for the steps before the capture");
    c10::cuda::CUDACachingAllocator::emptyCache();  // a graph's memory is its own
    RecordedMarks marks(timer.MarksForCapture(stream), phases_);
    Capture(graph_, [&] { step_->Run(marks); });
  }
  graph_.replay();
  step_->Reset();
  CheckCuda(cudaDeviceSynchronize(), "wait for the first replay");
}

void GraphStep::Run(PhaseMarks& marks) {
  graph_.replay();
  for (const Phase phase : phases_) marks.EndInGraph(phase);
}

}  // namespace tbench
