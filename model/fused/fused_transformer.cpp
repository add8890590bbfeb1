#include "model/fused/fused_transformer.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <cuda_bf16.h>

#include <algorithm>
#include <array>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "model/composed/optimizer.h"
#include "model/fused/cuda_graph.h"
#include "model/fused/gemm.h"
#include "model/fused/layer_stack.h"
#include "model/fused/parameter_layout.h"
#include "model/fused/weight_gradients.h"
#include "model/kernels/adamw.h"
#include "model/kernels/cross_entropy.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/embedding.h"
#include "model/kernels/hopper/hopper_support.h"
#include "model/kernels/hopper/rope_gemm.h"
#include "model/kernels/hopper/swiglu_gemm.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/swiglu.h"

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

ProductShape ShapeOf(LinearProduct product, const LinearShape& s, std::int64_t splits = 1) {
  return {product, s.rows, s.in, s.out, splits};
}

// A product with few rows leaves multiprocessors idle unless its sum is split; the norm behind it then adds up the
// parts.
constexpr std::array<std::int64_t, 4> kSplits{1, 2, 4, 8};
constexpr std::int64_t kMostSplitElements = std::int64_t(1024) * 4096;  // of a result; larger ones keep a GPU busy

// Layers whose split products and norms are timed: their weights are beyond any cache.
constexpr std::int64_t kTunedLayers = 12;

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
        positions_(options.context, m_.head_size(), Attention::kSdpa, options.device),
        workspace_(options.device),
        precision_(options.precision),
        told_fusion_(options.fusion),
        qkv_(Linear({rows_, m_.d_model, m_.qkv().columns()})),
        output_(Linear({rows_, m_.d_model, m_.d_model})),
        w13_(Linear({rows_, m_.d_model, 2 * m_.d_ff})),
        w2_(Linear({rows_, m_.d_ff, m_.d_model})),
        head_(Linear({rows_, m_.d_model, m_.vocab})),
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
    const auto stack = [&](std::int64_t count, std::int64_t width) {
      return LayerStack(count, rows_, width, tensors_);
    };
    const std::vector<at::Tensor> x = stack(m_.layers + 1, d), normed1 = stack(m_.layers, d),
                                  qkv = stack(m_.layers, m_.qkv().columns()), x_mid = stack(m_.layers, d),
                                  normed2 = stack(m_.layers, d), ab = stack(m_.layers, 2 * f), h = stack(m_.layers, f);
    for (std::size_t layer = 0; layer < normed1.size(); ++layer) {
      layers_.push_back({.x = x[layer],
                         .normed1 = normed1[layer],
                         .qkv = qkv[layer],
                         .heads = {},
                         .x_mid = x_mid[layer],
                         .normed2 = normed2[layer],
                         .ab = ab[layer],
                         .h = h[layer],
                         .scale1 = per_row(),
                         .scale2 = per_row()});
    }
    x_last_ = x.back();
    normed_last_ = buffer(d);
    scale_last_ = per_row();
    logits_ = buffer(m_.vocab);
    dnormed_ = buffer(d);
    if (rows_ * d <= kMostSplitElements) parts_ = at::empty({kSplits.back(), rows_, d}, fp32);
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
    MakeAttentionOf(options);
    MakeWeightGradients(options.device);
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

  void Tune(const Batch& batch, bool backward) override {
    // Random: a GPU multiplies zeros faster.
    for (Layer& layer : layers_) {
      for (at::Tensor* tensor :
           {&layer.x, &layer.normed1, &layer.qkv, &layer.x_mid, &layer.normed2, &layer.ab, &layer.h}) {
        tensor->normal_();
      }
      layer.heads = layer.normed1;
    }
    for (at::Tensor* tensor : {&x_last_, &normed_last_, &logits_}) tensor->normal_();
    const std::int64_t layers = std::min(m_.layers, kTunedLayers);
    for (LinearPlan* linear : {&qkv_, &w13_, &head_}) {
      linear->forward->Tune(Operands(*linear, LinearProduct::kForward), workspace_);
    }
    if (attention_->takes_turned()) ChooseFusion(rotary_, layers, [this](std::int64_t i) { Attend(i); });
    ChooseSplits(output_, LinearProduct::kForward, layers, [this](std::int64_t i) { AddAttention(i); });
    ChooseSplits(w2_, LinearProduct::kForward, layers, [this](std::int64_t i) { AddFeedForward(i); });
    ChooseFusion(forward_gate_, layers, [this](std::int64_t i) { ExpandAndGate(i); });
    if (!backward) return ReconsiderFusions({&forward_gate_, &rotary_}, [&] { Forward(batch); });
    for (LinearPlan* linear : {&output_, &w2_}) {
      linear->input_gradient->Tune(Operands(*linear, LinearProduct::kInputGradient), workspace_);
    }
    ChooseSplits(head_, LinearProduct::kInputGradient, 1, [this](std::int64_t) { BackToLastNorm(); });
    ChooseSplits(w13_, LinearProduct::kInputGradient, layers, [this](std::int64_t i) { BackToSecondNorm(i); });
    ChooseSplits(qkv_, LinearProduct::kInputGradient, layers, [this](std::int64_t i) { BackToFirstNorm(i); });
    ChooseFusion(backward_gate_, layers, [this](std::int64_t i) { BackToGate(i); });
    const auto step = [&] {
      Forward(batch);
      Backward(batch);
    };
    weight_gradients_->Tune(step);
    ReconsiderFusions({&backward_gate_, &forward_gate_, &rotary_}, step);
  }

  void Forward(const Batch& batch) override {
    const cudaStream_t stream = Stream();
    const std::int64_t d = m_.d_model;
    Check(kernels::EmbeddingForward(stream, Weight(layout_.embeddings()), Tokens(batch.inputs), Data(layers_[0].x),
                                    rows_, d));
    Check(kernels::RmsNormForward(stream, Data(layers_[0].x), Norm(0), Data(layers_[0].normed1),
                                  Floats(layers_[0].scale1), rows_, d));
    for (std::int64_t i = 0; i < m_.layers; ++i) {
      Attend(i);
      AddAttention(i);
      ExpandAndGate(i);
      AddFeedForward(i);
    }
    Multiply(*head_.forward, normed_last_, Weight(layout_.head()), {}, logits_);
    Check(kernels::CrossEntropyForward(stream, Data(logits_), Tokens(batch.targets), Floats(row_loss_),
                                       Floats(log_sum_exp_), Floats(loss_),
                                       reinterpret_cast<unsigned*>(rows_done_.data_ptr<int>()), rows_, m_.vocab));
  }

  void Backward(const Batch& batch) override {
    const cudaStream_t stream = Stream();
    const std::int64_t d = m_.d_model;
    Check(kernels::CrossEntropyBackward(stream, Data(logits_), Tokens(batch.targets), Floats(log_sum_exp_), rows_,
                                        m_.vocab));
    weight_gradients_->RunHead();
    BackToLastNorm();
    for (std::int64_t i = m_.layers - 1; i >= 0; --i) {
      Layer& layer = layers_[std::size_t(i)];
      weight_gradients_->Run(LayerLinear::kW2, i);
      BackToGate(i);
      weight_gradients_->Run(LayerLinear::kW13, i);
      BackToSecondNorm(i);
      weight_gradients_->Run(LayerLinear::kOutput, i);
      Multiply(*output_.input_gradient, layer.x_mid, Weight(layout_.output(i)), {}, dheads_);
      attention_->Backward(i);
      weight_gradients_->Run(LayerLinear::kQkv, i);
      BackToFirstNorm(i);
    }
    Check(kernels::RmsNormWeightGradients(stream, Floats(partial_norms_), Gradient(layout_.norms()), 2 * m_.layers + 1,
                                          partial_rows_, d));
    Check(kernels::EmbeddingBackward(stream, Data(layers_[0].x), Tokens(batch.inputs), Gradient(layout_.embeddings()),
                                     first_row_.data_ptr<int>(), next_row_.data_ptr<int>(), rows_, m_.vocab, d));
    weight_gradients_->Finish();
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
    at::Tensor normed1, qkv;    // [M,d], [M,3d]
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

  // What the residual stream is next given to: the norm of the layer after, or the last one.
  struct NormedStream {
    at::Tensor x, normed, scale;
    std::int64_t norm;
  };
  NormedStream SecondNorm(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    return {layer.x_mid, layer.normed2, layer.scale2, 2 * i + 1};
  }
  NormedStream NextNorm(std::int64_t i) const {
    if (i + 1 == m_.layers) return {x_last_, normed_last_, scale_last_, 2 * m_.layers};
    const Layer& next = layers_[std::size_t(i + 1)];
    return {next.x, next.normed1, next.scale1, 2 * (i + 1)};
  }

  // x = residual + left·weightᵀ, and its norm.
  void AddAndNorm(const Product& product, const at::Tensor& left, const T* weight, const at::Tensor& residual,
                  const NormedStream& to) const {
    if (product.shape().splits == 1) {
      Multiply(product, left, weight, residual, to.x);
      Check(kernels::RmsNormForward(Stream(), Data(to.x), Norm(to.norm), Data(to.normed), Floats(to.scale), rows_,
                                    m_.d_model));
      return;
    }
    product.Run(Stream(), {Data(left), weight, nullptr, parts_.data_ptr()}, workspace_);
    Check(kernels::ResidualRmsNormForward(Stream(), {Floats(parts_), product.shape().splits}, Data(residual),
                                          Norm(to.norm), Data(to.x), Data(to.normed), Floats(to.scale), rows_,
                                          m_.d_model));
  }
  void AddAttention(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    AddAndNorm(*output_.forward, layer.heads, Weight(layout_.output(i)), layer.x, SecondNorm(i));
  }
  void AddFeedForward(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    AddAndNorm(*w2_.forward, layer.h, Weight(layout_.w2(i)), layer.x_mid, NextNorm(i));
  }

  // Queries, keys and values; tells whether they are turned.
  Rotation Project(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
      if (rotary_ == Fusion::kInProduct) {
        Check(kernels::RotaryProductForward(Stream(), Data(layer.normed1), Weight(layout_.qkv(i)), Data(layer.qkv),
                                            Floats(positions_.cos), Floats(positions_.sin),
                                            {rows_, positions_.cos.size(0), m_.heads, m_.head_size()}, m_.d_model));
        return Rotation::kDone;
      }
    }
    Multiply(*qkv_.forward, layer.normed1, Weight(layout_.qkv(i)), {}, layer.qkv);
    return Rotation::kToDo;
  }
  void Attend(std::int64_t i) { layers_[std::size_t(i)].heads = attention_->Forward(i, Project(i)); }

  // a and b of the layer's SwiGLU, and h.
  void ExpandAndGate(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
      if (forward_gate_ == Fusion::kInProduct) {
        return Check(kernels::SwiGluProductForward(Stream(), Data(layer.normed2), Weight(layout_.w13(i)),
                                                   Data(layer.ab), Data(layer.h), rows_, m_.d_model, m_.d_ff));
      }
    }
    Multiply(*w13_.forward, layer.normed2, Weight(layout_.w13(i)), {}, layer.ab);
    Check(kernels::SwiGluForward(Stream(), Data(layer.ab), Data(layer.h), rows_, m_.d_ff));
  }
  // Their gradients in their place, from that of the layer's output, which lies where Forward had the output.
  void BackToGate(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    if constexpr (std::is_same_v<T, __nv_bfloat16>) {
      if (backward_gate_ == Fusion::kInProduct) {
        return Check(kernels::SwiGluProductBackward(Stream(), Data(Output(i)), Weight(layout_.w2(i)), Data(layer.ab),
                                                    rows_, m_.d_model, m_.d_ff));
      }
    }
    Multiply(*w2_.input_gradient, Output(i), Weight(layout_.w2(i)), {}, dh_);
    Check(kernels::SwiGluBackward(Stream(), Data(dh_), Data(layer.ab), Data(layer.ab), rows_, m_.d_ff));
  }

  // The gradient of the residual stream before a norm, in the stream's place: `dresidual`, where there is one, and what
  // comes through the norm from left·weight.
  void BackThroughNorm(const Product& product, const at::Tensor& left, const T* weight, const NormedStream& norm,
                       const at::Tensor& dresidual) const {
    const T* residual = dresidual.defined() ? Data(dresidual) : nullptr;
    const auto backward = [&](auto dy) {
      Check(kernels::RmsNormBackward<T>(Stream(), dy, Data(norm.x), Norm(norm.norm), Floats(norm.scale), residual,
                                        Data(norm.x), PartialNorm(norm.norm), rows_, m_.d_model));
    };
    if (product.shape().splits == 1) {
      Multiply(product, left, weight, {}, dnormed_);
      return backward(static_cast<const T*>(Data(dnormed_)));
    }
    product.Run(Stream(), {Data(left), weight, nullptr, parts_.data_ptr()}, workspace_);
    backward(kernels::Parts{Floats(parts_), product.shape().splits});
  }
  void BackToLastNorm() const {
    BackThroughNorm(*head_.input_gradient, logits_, Weight(layout_.head()), NextNorm(m_.layers - 1), {});
  }
  void BackToSecondNorm(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    BackThroughNorm(*w13_.input_gradient, layer.ab, Weight(layout_.w13(i)), SecondNorm(i), Output(i));
  }
  void BackToFirstNorm(std::int64_t i) const {
    const Layer& layer = layers_[std::size_t(i)];
    BackThroughNorm(*qkv_.input_gradient, layer.qkv, Weight(layout_.qkv(i)),
                    {layer.x, layer.normed1, layer.scale1, 2 * i}, layer.x_mid);
  }

  void Multiply(const Product& product, const at::Tensor& left, const T* weight, const at::Tensor& addend,
                const at::Tensor& result) const {
    product.Run(Stream(), {Data(left), weight, addend.defined() ? Data(addend) : nullptr, Data(result)}, workspace_);
  }

  // The products of one linear layer of the model.
  struct LinearPlan {
    LinearShape shape;
    std::unique_ptr<Product> forward, input_gradient;
  };
  LinearPlan Linear(const LinearShape& shape) const {
    const auto product = [&](LinearProduct kind) { return MakeProduct(lt_.get(), ShapeOf(kind, shape), precision_); };
    return {shape, product(LinearProduct::kForward), product(LinearProduct::kInputGradient)};
  }

  void MakeAttentionOf(const FusedOptions& options) {
    AttentionInputs inputs{.qkv = {}, .dout = dheads_, .cos = positions_.cos, .sin = positions_.sin};
    for (const Layer& layer : layers_) inputs.qkv.push_back(layer.qkv);
    attention_ = MakeAttention(options.attention, {m_.layers, options.batch, options.context, m_.heads, m_.head_size()},
                               std::move(inputs), precision_);
  }

  // dy lies where Forward had y, but for the residual stream: that of a sum is where the sum was.
  void MakeWeightGradients(const at::Device& device) {
    const auto operands = [this](const at::Tensor& dy, const at::Tensor& x, std::int64_t weight) {
      return Product::Operands{Data(dy), Data(x), nullptr, Gradient(weight)};
    };
    const auto layer = [this](std::int64_t i) -> const Layer& { return layers_[std::size_t(i)]; };
    std::array<WeightGradient, 4> of_layer{
        WeightGradient{qkv_.shape,
                       [=, this](std::int64_t i) { return operands(layer(i).qkv, layer(i).normed1, layout_.qkv(i)); },
                       true},
        WeightGradient{
            output_.shape,
            [=, this](std::int64_t i) { return operands(layer(i).x_mid, layer(i).heads, layout_.output(i)); },
            attention_->has_fixed_outputs()},
        WeightGradient{w13_.shape,
                       [=, this](std::int64_t i) { return operands(layer(i).ab, layer(i).normed2, layout_.w13(i)); },
                       true},
        WeightGradient{w2_.shape, [=, this](std::int64_t i) { return operands(Output(i), layer(i).h, layout_.w2(i)); },
                       true}};
    WeightGradient head{head_.shape,
                        [=, this](std::int64_t) { return operands(logits_, normed_last_, layout_.head()); }, true};
    weight_gradients_.emplace(lt_.get(), precision_, device, m_.layers, std::move(head), std::move(of_layer));
  }

  // What a forward product or an input gradient multiplies in every layer, for tuning: what is there has the right
  // shape.
  std::vector<Product::Operands> Operands(const LinearPlan& linear, LinearProduct product) const {
    std::vector<Product::Operands> operands;
    const auto add = [&](const at::Tensor& x, std::int64_t weight, const at::Tensor& y, const at::Tensor& addend,
                         const at::Tensor& dx) {
      if (product == LinearProduct::kForward) {
        return operands.push_back({Data(x), Weight(weight), addend.defined() ? Data(addend) : nullptr, Data(y)});
      }
      operands.push_back({Data(y), Weight(weight), nullptr, Data(dx)});
    };
    for (std::int64_t i = 0; i < m_.layers; ++i) {
      const Layer& l = layers_[std::size_t(i)];
      if (&linear == &qkv_) add(l.normed1, layout_.qkv(i), l.qkv, {}, dnormed_);
      if (&linear == &output_) add(l.heads, layout_.output(i), l.x_mid, l.x, dheads_);
      if (&linear == &w13_) add(l.normed1, layout_.w13(i), l.ab, {}, dnormed_);
      if (&linear == &w2_) add(l.h, layout_.w2(i), l.x_mid, l.x, dh_);
    }
    if (&linear == &head_) add(layers_[0].normed1, layout_.head(), logits_, {}, dnormed_);
    return operands;
  }

  static float TimeLayers(std::int64_t layers, const std::function<void(std::int64_t)>& run) {
    return TimeInGraph(3, [&] {
      for (std::int64_t i = 0; i < layers; ++i) run(i);
    });
  }

  // Times the product with the norm behind it, `run(layer)`, for each way to split its sum, and keeps the fastest.
  void ChooseSplits(LinearPlan& linear, LinearProduct kind, std::int64_t layers,
                    const std::function<void(std::int64_t)>& run) {
    const LinearShape& s = linear.shape;
    const bool forward = kind == LinearProduct::kForward;
    const std::int64_t summed = forward ? s.in : s.out;
    std::unique_ptr<Product>& product = forward ? linear.forward : linear.input_gradient;
    std::unique_ptr<Product> fastest;
    float best = std::numeric_limits<float>::infinity();
    for (const std::int64_t splits : kSplits) {
      const bool can_split =
          parts_.defined() && TraitsOf(precision_).gemm != GemmMath::kFp32x3 && summed % (8 * splits) == 0;
      if (splits > 1 && !can_split) continue;
      product = MakeProduct(lt_.get(), ShapeOf(kind, s, splits), precision_);
      std::vector<Product::Operands> operands = Operands(linear, kind);
      if (splits > 1) {
        for (Product::Operands& one : operands) one = {one.left, one.right, nullptr, parts_.data_ptr()};
      }
      product->Tune(operands, workspace_);
      const float time = TimeLayers(layers, run);
      if (time >= best) continue;
      best = time;
      fastest = std::move(product);
    }
    product = std::move(fastest);
  }

  bool HasFusions() const { return TraitsOf(precision_).gemm == GemmMath::kBf16 && kernels::HasHopperProducts(); }

  // Times both, unless it is told, and keeps the one in the product where that is the faster by kTimingGain.
  void ChooseFusion(Fusion& fusion, std::int64_t layers, const std::function<void(std::int64_t)>& run) const {
    if (!HasFusions()) return;
    if (told_fusion_) {
      fusion = *told_fusion_;
      return;
    }
    const auto time = [&](Fusion candidate) {
      fusion = candidate;
      run(0);  // sets libraries up, which a capture does not allow
      return TimeLayers(layers, run);
    };
    const float apart = time(Fusion::kApart);
    if (time(Fusion::kInProduct) >= kTimingGain * apart) fusion = Fusion::kApart;
  }

  // A layer by itself does not show what a product costs beside weight gradients, or at the power limit: times the step
  // with the other choice too, in turn.
  void ReconsiderFusions(std::initializer_list<Fusion*> fusions, const std::function<void()>& step) const {
    if (!HasFusions() || told_fusion_) return;
    for (Fusion* const fusion : fusions) {
      if (fusion == &rotary_ && !attention_->takes_turned()) continue;
      const std::array<Fusion, 2> choices{*fusion, *fusion == Fusion::kApart ? Fusion::kInProduct : Fusion::kApart};
      const bool other = IsFasterInTurn([&](bool second) {
        *fusion = choices[second ? 1 : 0];
        return TimeSustained(step);
      });
      *fusion = choices[other ? 1 : 0];
    }
  }

  ModelConfig m_;
  std::int64_t rows_;
  ParameterLayout layout_;
  Positions positions_;
  ProductWorkspace workspace_;
  LtHandle lt_;
  Precision precision_;
  std::optional<Fusion> told_fusion_;
  LinearPlan qkv_, output_, w13_, w2_, head_;
  Fusion rotary_ = Fusion::kApart, forward_gate_ = Fusion::kApart, backward_gate_ = Fusion::kApart;
  std::optional<WeightGradients> weight_gradients_;
  at::TensorOptions tensors_;
  at::Tensor parameters_, gradients_;                    // flat, by layout_
  at::Tensor masters_, first_moments_, second_moments_;  // likewise, FP32; undefined unless it trains
  at::Tensor clock_;                                     // an AdamWClock
  std::vector<Layer> layers_;
  at::Tensor x_last_, normed_last_, scale_last_;  // [M,d], [M,d], [M]
  at::Tensor logits_;                             // [M,V]
  at::Tensor dnormed_, dheads_, dh_;              // [M,d], [M,d], [M,f]
  at::Tensor parts_;  // [splits,M,d], FP32: of a split product; undefined where none is split
  at::Tensor row_loss_, log_sum_exp_, loss_, rows_done_;  // [M], [M], [], [1]
  at::Tensor first_row_, next_row_;                       // [V], [M]
  std::int64_t partial_rows_ = 0;
  at::Tensor partial_norms_;  // [2L+1, partial rows, d]
  std::unique_ptr<FusedAttention> attention_;
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
  if (config.d_model > kernels::kRmsNormLargestWidth) {
    return "d_model must be at most " + std::to_string(kernels::kRmsNormLargestWidth) + ", and is " +
           std::to_string(config.d_model);
  }
  return {};
}

std::unique_ptr<FusedTransformer> MakeFusedTransformer(const FusedOptions& options) {
  if (TraitsOf(options.precision).element == Element::kBf16)
    return std::make_unique<FusedTransformerOf<__nv_bfloat16>>(options);
  return std::make_unique<FusedTransformerOf<float>>(options);
}

}  // namespace tbench
