#include "model/kernels/short_attention.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/empty.h>

#include <stdexcept>
#include <utility>

#include "model/fused/attention.h"
#include "model/fused/layer_stack.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

class ShortAttention final : public FusedAttention {
 public:
  ShortAttention(const AttentionShape& shape, AttentionInputs inputs)
      : shape_{shape.batch, shape.context, shape.heads, shape.head_size},
        inputs_(std::move(inputs)),
        out_(
            LayerStack(shape.layers, shape.batch * shape.context, shape.qkv().query_columns(), inputs_.dout.options())),
        log_sum_exp_(at::empty({shape.layers, shape.batch, shape.heads, shape.context},
                               inputs_.dout.options().dtype(at::kFloat))) {}

  at::Tensor Forward(std::int64_t layer, Rope rope) override {
    if (rope == Rope::kApplied) throw std::logic_error("short attention applies RoPE itself");
    const at::Tensor& out = out_[std::size_t(layer)];
    CheckCuda(kernels::ShortAttentionForward(at::cuda::getCurrentCUDAStream(), Data(inputs_.qkv[std::size_t(layer)]),
                                             inputs_.cos.data_ptr<float>(), inputs_.sin.data_ptr<float>(), Data(out),
                                             log_sum_exp_.select(0, layer).data_ptr<float>(), shape_),
              "launch attention");
    return out;
  }

  void Backward(std::int64_t layer) override {
    CheckCuda(kernels::ShortAttentionBackward(at::cuda::getCurrentCUDAStream(), Data(inputs_.qkv[std::size_t(layer)]),
                                              Data(out_[std::size_t(layer)]), Data(inputs_.dout),
                                              log_sum_exp_.select(0, layer).data_ptr<float>(),
                                              inputs_.cos.data_ptr<float>(), inputs_.sin.data_ptr<float>(), shape_),
              "launch attention's backward pass");
  }

  bool accepts_rotated() const override { return false; }
  bool has_fixed_outputs() const override { return true; }

 private:
  static __nv_bfloat16* Data(const at::Tensor& tensor) { return static_cast<__nv_bfloat16*>(tensor.data_ptr()); }

  kernels::ShortAttentionShape shape_;
  AttentionInputs inputs_;
  std::vector<at::Tensor> out_;  // [B·T,h·k]
  at::Tensor log_sum_exp_;       // [L,B,h,T]
};

}  // namespace

std::unique_ptr<FusedAttention> MakeShortAttention(const AttentionShape& shape, AttentionInputs inputs) {
  if (!CanBeShort(shape, inputs.dout.scalar_type())) throw std::logic_error("short attention has no such kernel");
  return std::make_unique<ShortAttention>(shape, std::move(inputs));
}

bool CanBeShort(const AttentionShape& shape, at::ScalarType type) {
  return type == at::kBFloat16 && kernels::CanRunShortAttention(shape.context, shape.head_size);
}

}  // namespace tbench
