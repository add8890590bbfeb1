#include "model/fused/step_stages.h"

#include <ATen/cuda/CUDAContext.h>
#include <cuda_bf16.h>

#include <type_traits>

#include "model/composed/optimizer.h"
#include "model/kernels/adamw.h"
#include "model/kernels/cross_entropy.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/embedding.h"
#include "model/kernels/hopper/rope_gemm.h"
#include "model/kernels/hopper/swiglu_gemm.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/swiglu.h"

namespace tbench {
namespace {

void Check(cudaError_t status) { CheckCuda(status, "launch a kernel"); }
cudaStream_t Stream() { return at::cuda::getCurrentCUDAStream(); }
float* Floats(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }
const std::int64_t* Tokens(const at::Tensor& tokens) { return tokens.data_ptr<std::int64_t>(); }

template <class T>
class StepStagesOf final : public StepStages {
 public:
  StepStagesOf(const StepContext& context, const StepPlan& plan)
      : m_(context.options.config),
        context_(context.options.context),
        layout_(context.layout),
        workspace_(context.workspace),
        b_(context.buffers),
        attention_(context.attention),
        plan_(plan) {}

  void Embed(const Batch& batch) override {
    const NormBuffers& norm = b_.norms.front();
    Check(kernels::EmbeddingForward(Stream(), Parameter(layout_.embeddings()), Tokens(batch.inputs), Data(norm.x),
                                    b_.rows, m_.d_model));
    Norm(norm);
  }

  void Attend(std::int64_t i) override { b_.layers[std::size_t(i)].heads = attention_.Forward(i, Project(i)); }

  void AddAttention(std::int64_t i) override { AddAndNorm(plan_.output, i, StepBuffers::SecondNorm(i)); }

  void ExpandAndGate(std::int64_t i) override {
    const LayerBuffers& layer = b_.layer(i);
    if constexpr (kHasEpilogues) {
      if (plan_.swiglu_forward == Fusion::kInEpilogue) {
        const LinearOperands w13 = plan_.w13.operands(i);
        return Check(kernels::SwiGluGemmForward(Stream(), static_cast<const T*>(w13.x),
                                                static_cast<const T*>(w13.weight), static_cast<T*>(w13.y),
                                                Data(layer.h), b_.rows, m_.d_model, m_.d_ff));
      }
    }
    Run(*plan_.w13.forward, plan_.w13, i);
    Check(kernels::SwiGluForward(Stream(), Data(layer.ab), Data(layer.h), b_.rows, m_.d_ff));
  }

  void AddFeedForward(std::int64_t i) override { AddAndNorm(plan_.w2, i, StepBuffers::NextNorm(i)); }

  void ComputeLoss(const Batch& batch) override {
    Run(*plan_.head.forward, plan_.head, 0);
    Check(kernels::CrossEntropyForward(Stream(), Data(b_.logits), Tokens(batch.targets), Floats(b_.row_loss),
                                       Floats(b_.log_sum_exp), Floats(b_.loss),
                                       reinterpret_cast<unsigned*>(b_.rows_done.data_ptr<int>()), b_.rows, m_.vocab));
  }

  void BackToLogits(const Batch& batch) override {
    Check(kernels::CrossEntropyBackward(Stream(), Data(b_.logits), Tokens(batch.targets), Floats(b_.log_sum_exp),
                                        b_.rows, m_.vocab));
  }

  void BackToLastNorm() override { BackThroughNorm(plan_.head, 0, StepBuffers::NextNorm(m_.layers - 1)); }

  void BackToGate(std::int64_t i) override {
    const LayerBuffers& layer = b_.layer(i);
    if constexpr (kHasEpilogues) {
      if (plan_.swiglu_backward == Fusion::kInEpilogue) {
        const LinearOperands w2 = plan_.w2.operands(i);
        return Check(kernels::SwiGluGemmBackward(Stream(), static_cast<const T*>(w2.y),
                                                 static_cast<const T*>(w2.weight), Data(layer.ab), b_.rows, m_.d_model,
                                                 m_.d_ff));
      }
    }
    Run(*plan_.w2.input_gradient, plan_.w2, i);
    Check(kernels::SwiGluBackward(Stream(), Data(b_.dh), Data(layer.ab), Data(layer.ab), b_.rows, m_.d_ff));
  }

  void BackToSecondNorm(std::int64_t i) override { BackThroughNorm(plan_.w13, i, StepBuffers::SecondNorm(i)); }

  void BackToAttention(std::int64_t i) override {
    Run(*plan_.output.input_gradient, plan_.output, i);
    attention_.Backward(i);
  }

  void BackToFirstNorm(std::int64_t i) override { BackThroughNorm(plan_.qkv, i, StepBuffers::FirstNorm(i)); }

  void BackToEmbeddings(const Batch& batch) override {
    Check(kernels::RmsNormWeightGradients(Stream(), Floats(b_.partial_norms), Gradient(layout_.norms()),
                                          b_.partial_norms.size(0), b_.partial_norms.size(1), m_.d_model));
    Check(kernels::EmbeddingBackward(Stream(), Data(b_.norms.front().x), Tokens(batch.inputs),
                                     Gradient(layout_.embeddings()), b_.first_row.data_ptr<int>(),
                                     b_.next_row.data_ptr<int>(), b_.rows, m_.vocab, m_.d_model));
  }

  void UpdateParameters() override {
    const AdamW::Options options;
    const kernels::AdamWSettings settings{options.learning_rate, options.beta1, options.beta2, options.epsilon,
                                          options.weight_decay};
    Check(kernels::AdamWStep(Stream(), Data(b_.parameters), Floats(b_.masters), Data(b_.gradients),
                             Floats(b_.first_moments), Floats(b_.second_moments),
                             static_cast<kernels::AdamWClock*>(b_.clock.data_ptr()), layout_.size(), settings));
  }

 private:
  static constexpr bool kHasEpilogues = std::is_same_v<T, __nv_bfloat16>;

  static T* Data(const at::Tensor& tensor) { return static_cast<T*>(tensor.data_ptr()); }
  T* Parameter(std::int64_t offset) const { return Data(b_.parameters) + offset; }
  T* Gradient(std::int64_t offset) const { return Data(b_.gradients) + offset; }

  void Run(const Gemm& gemm, const LinearPlan& linear, std::int64_t layer) const {
    gemm.Run(Stream(), linear.OperandsOf(gemm, layer), workspace_);
  }
  kernels::SplitKPartials Partials(const Gemm& gemm) const { return {Floats(b_.partials), gemm.shape().splits}; }

  void Norm(const NormBuffers& norm) const {
    Check(kernels::RmsNormForward(Stream(), Data(norm.x), Data(norm.weight), Data(norm.normed), Floats(norm.scale),
                                  b_.rows, m_.d_model));
  }

  // Queries, keys and values; tells whether RoPE is applied.
  Rope Project(std::int64_t i) const {
    if constexpr (kHasEpilogues) {
      if (plan_.rope == Fusion::kInEpilogue) {
        const LinearOperands qkv = plan_.qkv.operands(i);
        Check(kernels::RopeGemmForward(Stream(), static_cast<const T*>(qkv.x), static_cast<const T*>(qkv.weight),
                                       static_cast<T*>(qkv.y), Floats(b_.positions.cos), Floats(b_.positions.sin),
                                       {b_.rows, context_, m_.heads, m_.head_size()}, m_.d_model));
        return Rope::kApplied;
      }
    }
    Run(*plan_.qkv.forward, plan_.qkv, i);
    return Rope::kPending;
  }

  // The residual stream before a norm, which is that before the norm ahead of it and the linear layer's output; then
  // the norm.
  void AddAndNorm(const LinearPlan& linear, std::int64_t layer, std::int64_t index) const {
    const Gemm& gemm = *linear.forward;
    const NormBuffers &norm = b_.norm(index), &before = b_.norm(index - 1);
    Run(gemm, linear, layer);
    if (gemm.shape().splits == 1) return Norm(norm);
    Check(kernels::ResidualRmsNormForward(Stream(), Partials(gemm), Data(before.x), Data(norm.weight), Data(norm.x),
                                          Data(norm.normed), Floats(norm.scale), b_.rows, m_.d_model));
  }

  // The gradient of the residual stream before a norm, in the stream's place: that behind the linear layer, which the
  // next norm's place has (the last norm has none), and what comes through the linear layer and the norm.
  void BackThroughNorm(const LinearPlan& linear, std::int64_t layer, std::int64_t index) const {
    const Gemm& gemm = *linear.input_gradient;
    const NormBuffers& norm = b_.norm(index);
    const bool is_last = index + 1 == std::int64_t(b_.norms.size());
    const T* residual = is_last ? nullptr : Data(b_.norm(index + 1).x);
    Run(gemm, linear, layer);
    const auto backward = [&](auto dy) {
      Check(kernels::RmsNormBackward<T>(Stream(), dy, Data(norm.x), Data(norm.weight), Floats(norm.scale), residual,
                                        Data(norm.x), Floats(norm.partial_dweight), b_.partial_norms.size(1), b_.rows,
                                        m_.d_model));
    };
    if (gemm.shape().splits == 1) return backward(static_cast<const T*>(Data(b_.dnormed)));
    backward(Partials(gemm));
  }

  const ModelConfig& m_;
  std::int64_t context_;
  const ParameterLayout& layout_;
  const GemmWorkspace& workspace_;
  StepBuffers& b_;
  FusedAttention& attention_;
  const StepPlan& plan_;
};

}  // namespace

std::unique_ptr<StepStages> MakeStepStages(const StepContext& context, const StepPlan& plan) {
  if (TraitsOf(context.options.precision).element == Element::kBf16)
    return std::make_unique<StepStagesOf<__nv_bfloat16>>(context, plan);
  return std::make_unique<StepStagesOf<float>>(context, plan);
}

}  // namespace tbench
