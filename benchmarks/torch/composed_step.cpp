#include "benchmarks/torch/composed_step.h"

#include <ATen/Context.h>

#include "benchmarks/harness/device.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/torch/attention_backend.h"
#include "benchmarks/torch/types.h"

namespace tbench {
namespace {

void RequireSupported(const Case& c, const torch::Device& device) {
  if (device.is_cpu() && c.precision == Precision::kTf32) throw NotSupported("precision:tf32 needs a GPU");
  if (c.precision == Precision::kFp32x3) {
    throw NotSupported("precision:fp32x3 needs " + std::string(device.is_cpu() ? "a GPU" : "kernels:fused"));
  }
}

}  // namespace

TorchStep::TorchStep(const Case& c, const ModelConfig& config, const torch::Device& device, std::uint64_t seed)
    : pass_(c.pass), seed_(seed) {
  RequireSupported(c, device);
  at::globalContext().setFloat32MatmulPrecision(c.precision == Precision::kTf32 ? "high" : "highest");
  const bool sdpa = c.attention != Attention::kNaive;
  if (sdpa) {
    const AttentionChoice choice = ChooseAttentionBackend(c, config, device);
    AllowOnly(choice);
    attention_backend_ = choice.name;
  }

  model_ = std::make_shared<Transformer>(
      TransformerOptions{.config = config,
                         .context = c.context,
                         .attention = sdpa ? AttentionMath::kSdpa : AttentionMath::kScoresWritten,
                         .tensors = torch::TensorOptions(device).dtype(ScalarTypeOf(c.precision))});
  InitializeWeights(NamedParameters(*model_), seed);
  parameters_ = model_->parameters();
  batch_ = RandomBatch(config, c.batch, c.context, device, seed);
  if (pass_ == Pass::kTrainStep) optimizer_.emplace(parameters_, AdamW::Options{});
}

void TorchStep::Run(PhaseMarks& marks) {
  const torch::Tensor loss = CrossEntropy(model_->Forward(batch_.inputs), batch_.targets);
  marks.End(Phase::kForward);
  if (pass_ != Pass::kForward) {
    loss.backward();
    marks.End(Phase::kBackward);
  }
  if (optimizer_) {
    optimizer_->Step();
    marks.End(Phase::kOptimizer);
  }
  for (torch::Tensor& parameter : parameters_) parameter.mutable_grad().reset();
  loss_ = loss.detach();  // `loss` and with it all that autograd recorded is freed here, inside the timed region
}

void TorchStep::Reset() {
  InitializeWeights(NamedParameters(*model_), seed_);
  if (optimizer_) optimizer_->Reset();
}

double TorchStep::Loss() { return loss_.item<double>(); }

std::string TorchStep::Label() const {
  return attention_backend_.empty() ? "" : counters::kAttentionBackendLabel + attention_backend_;
}

}  // namespace tbench
