#include "benchmarks/torch/fused_step.h"

#include <ATen/core/grad_mode.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include "benchmarks/harness/device.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/torch/attention_backend.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
FusedStep::FusedStep(const Case& c, const ModelConfig& config, const at::Device& device, std::uint64_t seed)
    : pass_(TraitsOf(c.pass)), seed_(seed) {
  const at::NoGradGuard no_grad;
  Attention attention = c.attention;
  if (TraitsOf(c.attention).is_sdpa) {
    attention = ChooseAttentionBackend(c, config, device);
    if (!TraitsOf(attention).fused) throw NotSupported("kernels:fused has no attention backend for this shape");
    attention_backend_ = NameOf(attention);
  }
  if (const std::string why = WhyNotFused(config, c.context, attention); !why.empty()) {
    throw NotSupported("kernels:fused: " + why);
  }
  model_ = MakeFusedTransformer({.config = config,
                                 .batch = c.batch,
                                 .context = c.context,
                                 .precision = c.precision,
                                 .attention = attention,
                                 .trains = pass_.optimizer,
                                 .device = device});
  batch_ = RandomBatch(config, c.batch, c.context, device, seed);
  Reset();
  CheckCuda(cudaDeviceSynchronize(), "wait for the model");
  // Graphs, which the timings are taken from, cannot be captured from the default stream.
  const c10::cuda::CUDAStreamGuard guard(c10::cuda::getStreamFromPool(/*isHighPriority=*/true, device.index()));
  model_->Tune(batch_, pass_.backward);
  CheckCuda(cudaDeviceSynchronize(), "wait for the GEMMs' timings");
}

void FusedStep::Run(PhaseMarks& marks) {
  const at::NoGradGuard no_grad;
  model_->Forward(batch_);
  marks.End(Phase::kForward);
  if (pass_.backward) {
    model_->Backward(batch_);
    marks.End(Phase::kBackward);
  }
  if (pass_.optimizer) {
    model_->OptimizerStep();
    marks.End(Phase::kOptimizer);
  }
}

void FusedStep::Reset() {
  InitializeWeights(model_->Parameters(), seed_);
  model_->ResetOptimizer();
}

double FusedStep::Loss() { return model_->Loss().item<double>(); }

std::string FusedStep::Label() const {
  return attention_backend_.empty() ? "" : counters::kAttentionBackendLabel + attention_backend_;
}

}  // namespace tbench
