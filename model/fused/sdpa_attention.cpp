#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention_backward.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention_backward.h>
#include <ATen/ops/_scaled_dot_product_flash_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_backward.h>
#include <c10/util/Exception.h>

#include <stdexcept>
#include <tuple>
#include <utility>
#include <vector>

#include "model/fused/attention.h"
#include "model/fused/attention_rope.h"
#include "model/fused/qkv_views.h"

namespace tbench {
namespace {

// The results that an operator's backward pass reads beside its inputs.
struct Saved {
  at::Tensor out, log_sum_exp, sequence_starts_q, sequence_starts_k, seed, offset;
  c10::SymInt longest_q = 0, longest_k = 0;
};

Saved RunForward(Attention backend, const QkvViews& x) {
  Saved s;
  at::Tensor debug_mask;
  switch (backend) {
    case Attention::kCudnn:
      std::tie(s.out, s.log_sum_exp, s.sequence_starts_q, s.sequence_starts_k, s.longest_q, s.longest_k, s.seed,
               s.offset, debug_mask) =
          at::_scaled_dot_product_cudnn_attention(x.q, x.k, x.v, /*attn_bias=*/{}, /*compute_log_sumexp=*/true,
                                                  /*dropout_p=*/0.0, /*is_causal=*/true);
      return s;
    case Attention::kFlash:
      std::tie(s.out, s.log_sum_exp, s.sequence_starts_q, s.sequence_starts_k, s.longest_q, s.longest_k, s.seed,
               s.offset, debug_mask) =
          at::_scaled_dot_product_flash_attention(x.q, x.k, x.v, /*dropout_p=*/0.0, /*is_causal=*/true);
      return s;
    case Attention::kEfficient:
      std::tie(s.out, s.log_sum_exp, s.seed, s.offset) =
          at::_scaled_dot_product_efficient_attention(x.q, x.k, x.v, /*attn_bias=*/{}, /*compute_log_sumexp=*/true,
                                                      /*dropout_p=*/0.0, /*is_causal=*/true);
      return s;
    case Attention::kNaive:
    case Attention::kSdpa:
    case Attention::kShort:
    case Attention::kMath:
      break;
  }
  throw std::logic_error("no backend of scaled_dot_product_attention");
}

QkvViews RunBackward(Attention backend, const QkvViews& x, const Saved& s, const at::Tensor& dout) {
  at::Tensor dq, dk, dv, dbias;
  switch (backend) {
    case Attention::kCudnn:
      std::tie(dq, dk, dv) = at::_scaled_dot_product_cudnn_attention_backward_symint(
          dout, x.q, x.k, x.v, s.out, s.log_sum_exp, s.seed, s.offset, /*attn_bias=*/{}, s.sequence_starts_q,
          s.sequence_starts_k, s.longest_q, s.longest_k, /*dropout_p=*/0.0, /*is_causal=*/true);
      break;
    case Attention::kFlash:
      std::tie(dq, dk, dv) = at::_scaled_dot_product_flash_attention_backward_symint(
          dout, x.q, x.k, x.v, s.out, s.log_sum_exp, s.sequence_starts_q, s.sequence_starts_k, s.longest_q, s.longest_k,
          /*dropout_p=*/0.0, /*is_causal=*/true, s.seed, s.offset);
      break;
    case Attention::kEfficient:
      std::tie(dq, dk, dv, dbias) = at::_scaled_dot_product_efficient_attention_backward(
          dout, x.q, x.k, x.v, /*attn_bias=*/{}, s.out, s.log_sum_exp, s.seed, s.offset, /*dropout_p=*/0.0,
          {true, true, true, false}, /*is_causal=*/true);
      break;
    case Attention::kNaive:
    case Attention::kSdpa:
    case Attention::kShort:
    case Attention::kMath:
      break;
  }
  return {dq, dk, dv};
}

class SdpaAttention final : public FusedAttention {
 public:
  SdpaAttention(const AttentionShape& shape, AttentionInputs inputs, Attention backend)
      : shape_(shape),
        inputs_(std::move(inputs)),
        rope_(shape, inputs_.cos, inputs_.sin),
        backend_(backend),
        saved_(inputs_.qkv.size()) {}

  at::Tensor Forward(std::int64_t layer, Rope rope) override {
    const at::Tensor& qkv = inputs_.qkv[std::size_t(layer)];
    if (rope == Rope::kPending) rope_.Forward(qkv);
    Saved& saved = saved_[std::size_t(layer)];
    saved = RunForward(backend_, QkvHeadsOf(qkv, shape_));
    return Rows(saved.out);
  }

  void Backward(std::int64_t layer) override {
    const at::Tensor& qkv = inputs_.qkv[std::size_t(layer)];
    const QkvViews d =
        RunBackward(backend_, QkvHeadsOf(qkv, shape_), saved_[std::size_t(layer)], HeadsOf(inputs_.dout, shape_));
    rope_.Backward(Rows(d.q), Rows(d.k), Rows(d.v), qkv);
  }

  bool accepts_rotated() const override { return true; }
  bool has_fixed_outputs() const override { return false; }  // the operators allocate them

 private:
  // [B,h,T,k] -> [B·T,h·k]. Not a copy: the operators lay their results out as [B,T,h,k].
  at::Tensor Rows(const at::Tensor& heads) const {
    const at::Tensor rows = heads.transpose(1, 2);
    if (!rows.is_contiguous()) throw std::runtime_error("an attention backend laid its result out in another way");
    return rows.view({shape_.batch * shape_.context, -1});
  }

  AttentionShape shape_;
  AttentionInputs inputs_;
  AttentionRope rope_;
  Attention backend_;
  std::vector<Saved> saved_;
};

}  // namespace

std::unique_ptr<FusedAttention> MakeSdpaAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                  Attention backend) {
  return std::make_unique<SdpaAttention>(shape, std::move(inputs), backend);
}

}  // namespace tbench
