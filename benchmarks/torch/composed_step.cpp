#include "benchmarks/torch/composed_step.h"

#include <ATen/Context.h>

#include "benchmarks/names/counters.h"
#include "benchmarks/torch/attention_backend.h"
#include "benchmarks/torch/types.h"

namespace tbench {
TorchStep::TorchStep(const Case& c, const ModelConfig& config, const torch::Device& device, std::uint64_t seed)
    : pass_(TraitsOf(c.pass)), seed_(seed) {
  at::globalContext().setFloat32MatmulPrecision(MatmulPrecisionOf(c.precision));
  if (TraitsOf(c.attention).is_sdpa) {
    const Attention backend = ChooseAttentionBackend(c, config, device);
    AllowOnly(backend);
    attention_backend_ = NameOf(backend);
  }

  model_ = std::make_shared<Transformer>(
      TransformerOptions{.config = config,
                         .context = c.context,
                         .attention = c.attention,
                         .tensors = torch::TensorOptions(device).dtype(ScalarTypeOf(c.precision))});
  InitializeWeights(NamedParameters(*model_), seed);
  parameters_ = model_->parameters();
  batch_ = RandomBatch(config, c.batch, c.context, device, seed);
  if (pass_.optimizer) optimizer_.emplace(parameters_, AdamW::Options{});
}

void TorchStep::Run(PhaseMarks& marks) {
  const at::AutoGradMode autograd(pass_.autograd);
  const torch::Tensor loss = CrossEntropy(model_->Forward(batch_.inputs), batch_.targets);
  marks.End(Phase::kForward);
  if (pass_.backward) {
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
