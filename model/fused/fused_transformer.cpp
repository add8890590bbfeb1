#include "model/fused/fused_transformer.h"

#include <array>
#include <utility>

#include "model/fused/cublas_handle.h"
#include "model/fused/parameter_layout.h"
#include "model/fused/step_buffers.h"
#include "model/fused/step_plan.h"
#include "model/fused/step_stages.h"
#include "model/fused/step_tuner.h"
#include "model/fused/weight_gradients.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/swiglu.h"

namespace tbench {
namespace {

std::unique_ptr<FusedAttention> MakeAttentionOf(const FusedOptions& options, const StepBuffers& buffers) {
  const ModelConfig& m = options.config;
  AttentionInputs inputs{.qkv = {}, .dout = buffers.dheads, .cos = buffers.positions.cos, .sin = buffers.positions.sin};
  for (const LayerBuffers& layer : buffers.layers) inputs.qkv.push_back(layer.qkv);
  return MakeAttention(options.attention, {m.layers, options.batch, options.context, m.heads, m.head_size()},
                       std::move(inputs), options.precision);
}

WeightGradient WeightGradientOf(const LinearPlan& linear) {
  return {linear.shape, [&linear](std::int64_t i) { return linear.WeightGradientOperands(i); }, linear.is_regular};
}

// A step from top to bottom: the order of its stages.
class FusedTransformerOnGpu final : public FusedTransformer {
 public:
  explicit FusedTransformerOnGpu(const FusedOptions& options)
      : options_(options),
        layout_(options.config),
        workspace_(options.device),
        buffers_(options, layout_),
        attention_(MakeAttentionOf(options, buffers_)),
        context_{options_, layout_, lt_.get(), workspace_, buffers_, *attention_},
        plan_(MakeStepPlan(context_)),
        weight_gradients_(lt_.get(), options.precision, options.device, options.config.layers,
                          WeightGradientOf(plan_.head),
                          {WeightGradientOf(plan_.qkv), WeightGradientOf(plan_.output), WeightGradientOf(plan_.w13),
                           WeightGradientOf(plan_.w2)}),
        stages_(MakeStepStages(context_, plan_)) {}

  std::vector<NamedTensor> Parameters() const override { return Slices(buffers_.parameters); }
  std::vector<NamedTensor> Gradients() const override { return Slices(buffers_.gradients); }
  std::vector<NamedTensor> Masters() const override { return Slices(buffers_.masters); }
  at::Tensor Loss() const override { return buffers_.loss; }

  void Tune(const Batch& batch, bool backward) override {
    StepTuner(context_, *stages_, plan_, weight_gradients_).Tune(backward, [&] {
      Forward(batch);
      if (backward) Backward(batch);
    });
  }

  void ResetOptimizer() override {
    const StepBuffers& b = buffers_;
    if (!b.masters.defined()) return;
    if (!b.masters.is_same(b.parameters)) b.masters.copy_(b.parameters);
    for (const at::Tensor& state : {b.first_moments, b.second_moments, b.clock}) state.zero_();
  }

  void Forward(const Batch& batch) override {
    stages_->Embed(batch);
    for (std::int64_t i = 0; i < options_.config.layers; ++i) {
      stages_->Attend(i);
      stages_->AddAttention(i);
      stages_->ExpandAndGate(i);
      stages_->AddFeedForward(i);
    }
    stages_->ComputeLoss(batch);
  }

  void Backward(const Batch& batch) override {
    try {
      EnqueueBackward(batch);
    } catch (...) {
      weight_gradients_.Abandon();
      throw;
    }
    weight_gradients_.Finish();
  }

  void OptimizerStep() override { stages_->UpdateParameters(); }

 private:
  // Weights' gradients start as soon as their operands are there, and run beside what follows.
  void EnqueueBackward(const Batch& batch) {
    stages_->BackToLogits(batch);
    weight_gradients_.RunHead();
    stages_->BackToLastNorm();
    for (std::int64_t i = options_.config.layers - 1; i >= 0; --i) {
      weight_gradients_.Run(LayerLinear::kW2, i);
      stages_->BackToGate(i);
      weight_gradients_.Run(LayerLinear::kW13, i);
      stages_->BackToSecondNorm(i);
      weight_gradients_.Run(LayerLinear::kOutput, i);
      stages_->BackToAttention(i);
      weight_gradients_.Run(LayerLinear::kQkv, i);
      stages_->BackToFirstNorm(i);
    }
    stages_->BackToEmbeddings(batch);
  }

  std::vector<NamedTensor> Slices(const at::Tensor& all) const {
    std::vector<NamedTensor> named;
    if (!all.defined()) return named;
    for (const ParameterLayout::Slice& slice : layout_.slices()) {
      std::int64_t size = 1;
      for (const std::int64_t extent : slice.shape) size *= extent;
      named.push_back({slice.name, all.narrow(0, slice.offset, size).view(slice.shape)});
    }
    return named;
  }

  const FusedOptions options_;
  const ParameterLayout layout_;
  const CublasLtHandle lt_;
  const GemmWorkspace workspace_;
  StepBuffers buffers_;
  const std::unique_ptr<FusedAttention> attention_;
  const StepContext context_;
  StepPlan plan_;
  WeightGradients weight_gradients_;
  const std::unique_ptr<StepStages> stages_;
};

}  // namespace

std::string WhyNotFused(const ModelConfig& config, std::int64_t context, Attention attention) {
  for (const auto& [name, value] : {std::pair("vocab", config.vocab), std::pair("d_ff", config.d_ff),
                                    std::pair("the head size", config.head_size())}) {
    if (value % 8 != 0) return std::string(name) + " must be a multiple of 8, and is " + std::to_string(value);
  }
  if (attention == Attention::kNaive && context % 8 != 0) {
    return "with attention:naive the context must be a multiple of 8, and is " + std::to_string(context);
  }
  struct Limit {
    const char* name;
    std::int64_t value, most;
  };
  for (const auto& [name, value, most] :
       {Limit{"d_model", config.d_model, kernels::kRmsNormMaxWidth},
        Limit{"d_ff", config.d_ff, kernels::kSwiGluMaxWidth},
        Limit{"layers", config.layers, (kernels::kRmsNormMaxNorms - 1) / 2}}) {  // two norms each, and the last
    if (value > most) {
      return std::string(name) + " must be at most " + std::to_string(most) + ", and is " + std::to_string(value);
    }
  }
  return {};
}

std::unique_ptr<FusedTransformer> MakeFusedTransformer(const FusedOptions& options) {
  return std::make_unique<FusedTransformerOnGpu>(options);
}

}  // namespace tbench
