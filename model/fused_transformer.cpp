#include "model/fused_transformer.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/cuda/CUDAEvent.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDAGuard.h>
#include <cuda_bf16.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "model/cuda_check.h"
#include "model/kernels/adamw.h"
#include "model/kernels/cross_entropy.h"
#include "model/kernels/embedding.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/rotary_embedding.h"
#include "model/kernels/swiglu.h"
#include "model/optimizer.h"
#include "model/parameter_layout.h"
#include "model/products.h"

namespace tbench {
namespace {

class LtHandle {
 public:
  LtHandle() { CheckCublas(cublasLtCreate(&handle_), "open cuBLASLt"); }
  ~LtHandle() { cublasLtDestroy(handle_); }
  LtHandle(const LtHandle&) = delete;
  LtHandle& operator=(const LtHandle&) = delete;
  cublasLtHandle_t get() const { return handle_; }

 private:
  cublasLtHandle_t handle_ = nullptr;
};

// The three products of one linear layer; `adds` is of the forward one.
struct LinearPlan {
  LinearPlan(cublasLtHandle_t handle, Arithmetic arithmetic, std::int64_t rows, std::int64_t in, std::int64_t out,
             bool adds)
      : forward(handle, {LinearProduct::kForward, rows, in, out, adds}, arithmetic),
        input_gradient(handle, {LinearProduct::kInputGradient, rows, in, out, false}, arithmetic),
        weight_gradient(handle, {LinearProduct::kWeightGradient, rows, in, out, false}, arithmetic) {}

  Product forward, input_gradient, weight_gradient;
};

void Check(cudaError_t status) { CheckCuda(status, "launch a kernel"); }

// M rows = B·T. Gradients take the place of what they are the gradients of; only those of normed inputs, of h and of
// attention's output have a buffer of their own, of one layer.
template <class T>
class FusedTransformerOf final : public FusedTransformer {
 public:
  explicit FusedTransformerOf(const FusedOptions& options)
      : m_(options.config),
        rows_(options.batch * options.context),
        layout_(m_),
        rotary_{rows_, options.context, m_.heads, m_.head_size()},
        positions_(options.context, m_.head_size(), AttentionMath::kSdpa, options.device),
        side_(at::cuda::getStreamFromPool(/*isHighPriority=*/false, options.device.index())),
        workspace_(options.device),
        side_workspace_(options.device),
        qkv_plan_(lt_.get(), options.arithmetic, rows_, m_.d_model, 3 * m_.d_model, false),
        output_plan_(lt_.get(), options.arithmetic, rows_, m_.d_model, m_.d_model, true),
        w13_plan_(lt_.get(), options.arithmetic, rows_, m_.d_model, 2 * m_.d_ff, false),
        w2_plan_(lt_.get(), options.arithmetic, rows_, m_.d_ff, m_.d_model, true),
        head_plan_(lt_.get(), options.arithmetic, rows_, m_.d_model, m_.vocab, false),
        tensors_(at::TensorOptions(options.device).dtype(sizeof(T) == 4 ? at::kFloat : at::kBFloat16)) {
    const auto fp32 = tensors_.dtype(at::kFloat);
    parameters_ = at::zeros({layout_.size()}, tensors_);  // gaps stay 0
    gradients_ = at::zeros({layout_.size()}, tensors_);
    if (options.trains) {
      first_moments_ = at::zeros({layout_.size()}, fp32);
      second_moments_ = at::zeros({layout_.size()}, fp32);
      masters_ = sizeof(T) == 4 ? parameters_ : at::empty({layout_.size()}, fp32);
      clock_ = at::zeros({std::int64_t(sizeof(kernels::AdamWClock))}, tensors_.dtype(at::kByte));
    }
    const std::int64_t d = m_.d_model, f = m_.d_ff;
    const auto buffer = [&](std::int64_t width) { return at::empty({rows_, width}, tensors_); };
    const auto per_row = [&] { return at::empty({rows_}, fp32); };
    AttentionInputs attention_inputs;
    for (std::int64_t i = 0; i < m_.layers; ++i) {
      layers_.push_back({.x = buffer(d),
                         .normed1 = buffer(d),
                         .qkv = buffer(3 * d),
                         .heads = {},
                         .x_mid = buffer(d),
                         .normed2 = buffer(d),
                         .ab = buffer(2 * f),
                         .h = buffer(f),
                         .scale1 = per_row(),
                         .scale2 = per_row()});
      attention_inputs.qkv.push_back(layers_.back().qkv);
    }
    x_last_ = buffer(d);
    normed_last_ = buffer(d);
    scale_last_ = per_row();
    logits_ = buffer(m_.vocab);
    dnormed_ = buffer(d);
    dheads_ = buffer(d);
    dh_ = buffer(f);
    row_loss_ = per_row();
    log_sum_exp_ = per_row();
    loss_ = at::zeros({}, fp32);
    const auto ints = tensors_.dtype(at::kInt);
    rows_done_ = at::zeros({1}, ints);
    first_row_ = at::empty({m_.vocab}, ints);
    next_row_ = at::empty({rows_}, ints);
    partial_rows_ = kernels::RmsNormPartialRows(rows_);
    partial_norms_ = at::empty({2 * m_.layers + 1, partial_rows_, d}, fp32);
    attention_inputs.dout = dheads_;
    const AttentionShape shape{m_.layers, options.batch, options.context, m_.heads, m_.head_size()};
    attention_ = options.attention == AttentionBackend::kScoresWritten
                     ? MakeWrittenAttention(shape, std::move(attention_inputs), options.arithmetic)
                     : MakeSdpaAttention(shape, std::move(attention_inputs), options.attention);
  }

  std::vector<NamedTensor> Parameters() const override { return Slices(parameters_); }
  std::vector<NamedTensor> Gradients() const override { return Slices(gradients_); }
  std::vector<NamedTensor> Masters() const override { return Slices(masters_); }
  at::Tensor Loss() const override { return loss_; }

  void ResetOptimizer() override {
    if (!masters_.defined()) return;
    if (!masters_.is_same(parameters_)) masters_.copy_(parameters_);
    for (const at::Tensor& state : {first_moments_, second_moments_, clock_}) state.zero_();
  }

  void Tune() override {
    Layer& layer = layers_[0];
    const cudaStream_t stream = Stream();
    const auto tune = [&](LinearPlan& plan, const at::Tensor& x, std::int64_t weight, const at::Tensor& y,
                          const at::Tensor& dy, const at::Tensor& dx, const at::Tensor& addend) {
      plan.forward.Tune(stream, {Data(x), Weight(weight), addend.defined() ? Data(addend) : nullptr, Data(y)},
                        workspace_);
      plan.input_gradient.Tune(stream, {Data(dy), Weight(weight), nullptr, Data(dx)}, workspace_);
      plan.weight_gradient.Tune(stream, {Data(dy), Data(x), nullptr, Gradient(weight)}, side_workspace_);
    };
    // Random: a GPU multiplies zeros faster.
    for (at::Tensor* tensor : {&layer.x, &layer.normed1, &layer.qkv, &layer.x_mid, &layer.ab, &layer.h, &logits_}) {
      tensor->normal_();
    }
    tune(qkv_plan_, layer.normed1, layout_.qkv(0), layer.qkv, layer.qkv, dnormed_, {});
    tune(output_plan_, layer.normed1, layout_.output(0), layer.x_mid, layer.x_mid, dheads_, layer.x);
    tune(w13_plan_, layer.normed1, layout_.w13(0), layer.ab, layer.ab, dnormed_, {});
    tune(w2_plan_, layer.h, layout_.w2(0), layer.x_mid, layer.x_mid, dh_, layer.x);
    tune(head_plan_, layer.normed1, layout_.head(), logits_, logits_, dnormed_, {});
  }

  void Forward(const Batch& batch) override {
    const cudaStream_t stream = Stream();
    const std::int64_t d = m_.d_model, f = m_.d_ff;
    Check(kernels::EmbeddingForward(stream, Weight(layout_.embeddings()), Tokens(batch.inputs), Data(layers_[0].x),
                                    rows_, d));
    for (std::int64_t i = 0; i < m_.layers; ++i) {
      Layer& layer = layers_[std::size_t(i)];
      Check(kernels::RmsNormForward(stream, Data(layer.x), Norm(2 * i), Data(layer.normed1), Floats(layer.scale1),
                                    rows_, d));
      Multiply(qkv_plan_.forward, layer.normed1, Weight(layout_.qkv(i)), {}, layer.qkv);
      Check(kernels::RotaryForward(stream, Data(layer.qkv), Floats(positions_.cos), Floats(positions_.sin), rotary_));
      layer.heads = attention_->Forward(i);
      Multiply(output_plan_.forward, layer.heads, Weight(layout_.output(i)), layer.x, layer.x_mid);
      Check(kernels::RmsNormForward(stream, Data(layer.x_mid), Norm(2 * i + 1), Data(layer.normed2),
                                    Floats(layer.scale2), rows_, d));
      Multiply(w13_plan_.forward, layer.normed2, Weight(layout_.w13(i)), {}, layer.ab);
      Check(kernels::SwiGluForward(stream, Data(layer.ab), Data(layer.h), rows_, f));
      Multiply(w2_plan_.forward, layer.h, Weight(layout_.w2(i)), layer.x_mid, Output(i));
    }
    Check(kernels::RmsNormForward(stream, Data(x_last_), Norm(2 * m_.layers), Data(normed_last_), Floats(scale_last_),
                                  rows_, d));
    Multiply(head_plan_.forward, normed_last_, Weight(layout_.head()), {}, logits_);
    Check(kernels::CrossEntropyForward(stream, Data(logits_), Tokens(batch.targets), Floats(row_loss_),
                                       Floats(log_sum_exp_), Floats(loss_),
                                       reinterpret_cast<unsigned*>(rows_done_.data_ptr<int>()), rows_, m_.vocab));
  }

  void Backward(const Batch& batch) override {
    const cudaStream_t stream = Stream();
    const std::int64_t d = m_.d_model, f = m_.d_ff;
    Check(kernels::CrossEntropyBackward(stream, Data(logits_), Tokens(batch.targets), Floats(log_sum_exp_), rows_,
                                        m_.vocab));
    MultiplyForWeight(head_plan_.weight_gradient, logits_, normed_last_, Gradient(layout_.head()));
    Multiply(head_plan_.input_gradient, logits_, Weight(layout_.head()), {}, dnormed_);
    Check(kernels::RmsNormBackward<T>(stream, Data(dnormed_), Data(x_last_), Norm(2 * m_.layers), Floats(scale_last_),
                                      nullptr, Data(x_last_), PartialNorm(2 * m_.layers), rows_, d));
    for (std::int64_t i = m_.layers - 1; i >= 0; --i) {
      Layer& layer = layers_[std::size_t(i)];
      const at::Tensor& dout = Output(i);  // where Forward had the layer's output
      MultiplyForWeight(w2_plan_.weight_gradient, dout, layer.h, Gradient(layout_.w2(i)));
      Multiply(w2_plan_.input_gradient, dout, Weight(layout_.w2(i)), {}, dh_);
      Check(kernels::SwiGluBackward(stream, Data(dh_), Data(layer.ab), Data(layer.ab), rows_, f));
      MultiplyForWeight(w13_plan_.weight_gradient, layer.ab, layer.normed2, Gradient(layout_.w13(i)));
      Multiply(w13_plan_.input_gradient, layer.ab, Weight(layout_.w13(i)), {}, dnormed_);
      Check(kernels::RmsNormBackward<T>(stream, Data(dnormed_), Data(layer.x_mid), Norm(2 * i + 1),
                                        Floats(layer.scale2), Data(dout), Data(layer.x_mid), PartialNorm(2 * i + 1),
                                        rows_, d));
      MultiplyForWeight(output_plan_.weight_gradient, layer.x_mid, layer.heads, Gradient(layout_.output(i)));
      Multiply(output_plan_.input_gradient, layer.x_mid, Weight(layout_.output(i)), {}, dheads_);
      const FusedAttention::Gradients d_qkv = attention_->Backward(i);
      Check(kernels::RotaryBackward<T>(stream, Data(d_qkv.q), Data(d_qkv.k), Data(d_qkv.v), d_qkv.q.stride(0),
                                       Data(layer.qkv), Floats(positions_.cos), Floats(positions_.sin), rotary_));
      MultiplyForWeight(qkv_plan_.weight_gradient, layer.qkv, layer.normed1, Gradient(layout_.qkv(i)));
      Multiply(qkv_plan_.input_gradient, layer.qkv, Weight(layout_.qkv(i)), {}, dnormed_);
      Check(kernels::RmsNormBackward<T>(stream, Data(dnormed_), Data(layer.x), Norm(2 * i), Floats(layer.scale1),
                                        Data(layer.x_mid), Data(layer.x), PartialNorm(2 * i), rows_, d));
    }
    Check(kernels::RmsNormWeightGradients(stream, Floats(partial_norms_), Gradient(layout_.norms()), 2 * m_.layers + 1,
                                          partial_rows_, d));
    Check(kernels::EmbeddingBackward(stream, Data(layers_[0].x), Tokens(batch.inputs), Gradient(layout_.embeddings()),
                                     first_row_.data_ptr<int>(), next_row_.data_ptr<int>(), rows_, m_.vocab, d));
    Join(side_, at::cuda::getCurrentCUDAStream());
  }

  void OptimizerStep() override {
    const AdamW::Options options;
    const kernels::AdamWSettings settings{options.learning_rate, options.beta1, options.beta2, options.epsilon,
                                          options.weight_decay};
    Check(kernels::AdamWStep(Stream(), Data(parameters_), Floats(masters_), static_cast<const T*>(Data(gradients_)),
                             Floats(first_moments_), Floats(second_moments_),
                             static_cast<kernels::AdamWClock*>(clock_.data_ptr()), layout_.size(), settings));
  }

 private:
  struct Layer {
    at::Tensor x;               // [M,d]: what the layer is given
    at::Tensor normed1, qkv;    // [M,d], [M,3d]: queries and keys turned
    at::Tensor heads;           // [M,d], attention's
    at::Tensor x_mid, normed2;  // [M,d]
    at::Tensor ab, h;           // [M,2f], [M,f]
    at::Tensor scale1, scale2;  // [M], FP32, of the norms
  };

  static cudaStream_t Stream() { return at::cuda::getCurrentCUDAStream(); }
  static T* Data(const at::Tensor& tensor) { return static_cast<T*>(tensor.data_ptr()); }
  static float* Floats(const at::Tensor& tensor) { return tensor.data_ptr<float>(); }
  static const std::int64_t* Tokens(const at::Tensor& tokens) { return tokens.data_ptr<std::int64_t>(); }
  T* Weight(std::int64_t offset) const { return Data(parameters_) + offset; }
  T* Gradient(std::int64_t offset) const { return Data(gradients_) + offset; }
  const T* Norm(std::int64_t index) const { return Weight(layout_.norms() + index * m_.d_model); }
  float* PartialNorm(std::int64_t index) const { return Floats(partial_norms_) + index * partial_rows_ * m_.d_model; }
  const at::Tensor& Output(std::int64_t layer) const {
    return layer + 1 < m_.layers ? layers_[std::size_t(layer + 1)].x : x_last_;
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

  void Multiply(const Product& product, const at::Tensor& left, const T* weight, const at::Tensor& addend,
                const at::Tensor& result) const {
    product.Run(Stream(), {Data(left), weight, addend.defined() ? Data(addend) : nullptr, Data(result)}, workspace_);
  }

  // Nothing of the backward pass waits for weight gradients: they run beside it.
  void MultiplyForWeight(const Product& product, const at::Tensor& dy, const at::Tensor& x, T* gradient) {
    Join(at::cuda::getCurrentCUDAStream(), side_);
    product.Run(side_, {Data(dy), Data(x), nullptr, gradient}, side_workspace_);
  }

  // What `waiter` is given from here on runs after what `stream` was given before.
  void Join(const at::cuda::CUDAStream& stream, const at::cuda::CUDAStream& waiter) {
    event_.record(stream);
    event_.block(waiter);
  }

  ModelConfig m_;
  std::int64_t rows_;
  ParameterLayout layout_;
  kernels::RotaryShape rotary_;
  Positions positions_;
  at::cuda::CUDAStream side_;
  at::cuda::CUDAEvent event_;
  ProductWorkspace workspace_, side_workspace_;
  LtHandle lt_;
  LinearPlan qkv_plan_, output_plan_, w13_plan_, w2_plan_, head_plan_;
  at::TensorOptions tensors_;
  at::Tensor parameters_, gradients_;                    // flat, by layout_
  at::Tensor masters_, first_moments_, second_moments_;  // likewise, FP32; undefined unless it trains
  at::Tensor clock_;                                     // an AdamWClock
  std::vector<Layer> layers_;
  at::Tensor x_last_, normed_last_, scale_last_;          // [M,d], [M,d], [M]
  at::Tensor logits_;                                     // [M,V]
  at::Tensor dnormed_, dheads_, dh_;                      // [M,d], [M,d], [M,f]
  at::Tensor row_loss_, log_sum_exp_, loss_, rows_done_;  // [M], [M], [], [1]
  at::Tensor first_row_, next_row_;                       // [V], [M]
  std::int64_t partial_rows_ = 0;
  at::Tensor partial_norms_;  // [2L+1, partial rows, d]
  std::unique_ptr<FusedAttention> attention_;
};

}  // namespace

std::string WhyNotFused(const ModelConfig& config, std::int64_t context, AttentionBackend attention) {
  for (const auto& [name, value] : {std::pair("vocab", config.vocab), std::pair("d_ff", config.d_ff),
                                    std::pair("the head size", config.head_size())}) {
    if (value % 8 != 0) return std::string(name) + " must be a multiple of 8, and is " + std::to_string(value);
  }
  if (attention == AttentionBackend::kScoresWritten && context % 8 != 0) {
    return "with attention:naive the context must be a multiple of 8, and is " + std::to_string(context);
  }
  if (config.d_model > 16'384) return "d_model must be at most 16384, and is " + std::to_string(config.d_model);
  return {};
}

std::unique_ptr<FusedTransformer> MakeFusedTransformer(const FusedOptions& options) {
  if (options.arithmetic == Arithmetic::kBf16) return std::make_unique<FusedTransformerOf<__nv_bfloat16>>(options);
  return std::make_unique<FusedTransformerOf<float>>(options);
}

}  // namespace tbench
