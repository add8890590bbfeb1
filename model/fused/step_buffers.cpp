#include "model/fused/step_buffers.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "model/fused/layer_stack.h"
#include "model/fused/linear_plan.h"
#include "model/kernels/adamw.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/rms_norm.h"

namespace tbench {
namespace {

constexpr std::int64_t kMaxSplitElements = std::int64_t(1024) * 4096;  // of a result; larger ones keep a GPU busy

void MakeState(StepBuffers& b, std::int64_t size, bool trains, const at::TensorOptions& tensors) {
  const at::TensorOptions fp32 = tensors.dtype(at::kFloat);
  b.parameters = at::zeros({size}, tensors);  // gaps stay 0
  b.gradients = at::zeros({size}, tensors);
  if (!trains) return;
  b.first_moments = at::zeros({size}, fp32);
  b.second_moments = at::zeros({size}, fp32);
  b.masters = tensors.dtype() == fp32.dtype() ? b.parameters : at::empty({size}, fp32);
  b.clock = at::zeros({std::int64_t(sizeof(kernels::AdamWClock))}, tensors.dtype(at::kByte));
}

void MakeActivations(StepBuffers& b, const ModelConfig& m, const at::TensorOptions& tensors) {
  const std::int64_t d = m.d_model, f = m.d_ff;
  const auto stack = [&](std::int64_t count, std::int64_t width) { return LayerStack(count, b.rows, width, tensors); };
  const auto per_row = [&] { return at::empty({b.rows}, tensors.dtype(at::kFloat)); };
  const std::vector<at::Tensor> x = stack(m.layers + 1, d), normed1 = stack(m.layers, d),
                                qkv = stack(m.layers, m.qkv().columns()), x_mid = stack(m.layers, d),
                                normed2 = stack(m.layers, d), ab = stack(m.layers, 2 * f), h = stack(m.layers, f);
  for (std::size_t i = 0; i < qkv.size(); ++i) {
    b.norms.push_back({.x = x[i], .normed = normed1[i], .scale = per_row(), .weight = {}, .partial_dweight = {}});
    b.norms.push_back({.x = x_mid[i], .normed = normed2[i], .scale = per_row(), .weight = {}, .partial_dweight = {}});
    b.layers.push_back({.qkv = qkv[i], .heads = {}, .ab = ab[i], .h = h[i]});
  }
  const at::Tensor normed_last = at::empty({b.rows, d}, tensors);
  b.norms.push_back({.x = x.back(), .normed = normed_last, .scale = per_row(), .weight = {}, .partial_dweight = {}});
}

void MakeScratch(StepBuffers& b, const ModelConfig& m, const at::TensorOptions& tensors) {
  const std::int64_t d = m.d_model;
  const at::TensorOptions fp32 = tensors.dtype(at::kFloat), ints = tensors.dtype(at::kInt);
  b.logits = at::empty({b.rows, m.vocab}, tensors);
  b.dnormed = at::empty({b.rows, d}, tensors);
  if (b.rows * d <= kMaxSplitElements) b.partials = at::empty({kSplits.back(), b.rows, d}, fp32);
  b.dheads = at::empty({b.rows, d}, tensors);
  b.dh = at::empty({b.rows, m.d_ff}, tensors);
  b.row_loss = at::empty({b.rows}, fp32);
  b.log_sum_exp = at::empty({b.rows}, fp32);
  b.loss = at::zeros({}, fp32);
  b.rows_done = at::zeros({1}, ints);
  b.first_row = at::empty({m.vocab}, ints);
  b.next_row = at::empty({b.rows}, ints);
  std::int64_t partial_rows = 0;
  CheckCuda(kernels::RmsNormPartialRows(b.rows, partial_rows), "count the multiprocessors");
  b.partial_norms = at::empty({2 * m.layers + 1, partial_rows, d}, fp32);
}

}  // namespace

StepBuffers::StepBuffers(const FusedOptions& options, const ParameterLayout& layout)
    : rows(options.batch * options.context),
      positions(options.context, options.config.head_size(), Attention::kSdpa, options.device) {
  const ModelConfig& m = options.config;
  const bool is_bf16 = TraitsOf(options.precision).element == Element::kBf16;
  const auto tensors = at::TensorOptions(options.device).dtype(is_bf16 ? at::kBFloat16 : at::kFloat);
  MakeState(*this, layout.size(), options.trains, tensors);
  MakeActivations(*this, m, tensors);
  MakeScratch(*this, m, tensors);
  for (std::int64_t i = 0; i < std::int64_t(norms.size()); ++i) {
    norms[std::size_t(i)].weight = parameters.narrow(0, layout.norms() + i * m.d_model, m.d_model);
    norms[std::size_t(i)].partial_dweight = partial_norms.select(0, i);
  }
}

}  // namespace tbench
