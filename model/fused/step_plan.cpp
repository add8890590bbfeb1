#include "model/fused/step_plan.h"

namespace tbench {
namespace {

using Buffers = StepBuffers;

// The operands of each linear layer, and the only place that says them.
class OperandTable {
 public:
  explicit OperandTable(const StepContext& context) : b_(context.buffers), layout_(context.layout) {}

  LinearOperands Qkv(std::int64_t i) const {
    return Of(b_.norm(Buffers::FirstNorm(i)).normed, layout_.qkv(i), nullptr, b_.layer(i).qkv, b_.dnormed);
  }
  LinearOperands Output(std::int64_t i) const {
    return Of(b_.layer(i).heads, layout_.output(i), b_.norm(Buffers::FirstNorm(i)).x.data_ptr(),
              b_.norm(Buffers::SecondNorm(i)).x, b_.dheads);
  }
  LinearOperands W13(std::int64_t i) const {
    return Of(b_.norm(Buffers::SecondNorm(i)).normed, layout_.w13(i), nullptr, b_.layer(i).ab, b_.dnormed);
  }
  LinearOperands W2(std::int64_t i) const {
    return Of(b_.layer(i).h, layout_.w2(i), b_.norm(Buffers::SecondNorm(i)).x.data_ptr(),
              b_.norm(Buffers::NextNorm(i)).x, b_.dh);
  }
  LinearOperands Head(std::int64_t) const {
    return Of(b_.norms.back().normed, layout_.head(), nullptr, b_.logits, b_.dnormed);
  }

 private:
  LinearOperands Of(const at::Tensor& x, std::int64_t weight, const void* addend, const at::Tensor& y,
                    const at::Tensor& dx) const {
    return {.x = x.data_ptr(),
            .weight = At(b_.parameters, weight),
            .addend = addend,
            .y = y.data_ptr(),
            .dx = dx.data_ptr(),
            .dweight = At(b_.gradients, weight),
            .partials = b_.partials.defined() ? b_.partials.data_ptr() : nullptr};
  }
  static void* At(const at::Tensor& flat, std::int64_t offset) {
    return static_cast<char*>(flat.data_ptr()) + offset * flat.element_size();
  }

  const StepBuffers& b_;
  const ParameterLayout& layout_;
};

LinearPlan MakePlan(const StepContext& context, std::int64_t in, std::int64_t out, std::int64_t layers,
                    LinearOperands (OperandTable::*operands)(std::int64_t) const, bool is_regular = true) {
  const LinearShape shape{context.buffers.rows, in, out};
  const auto gemm = [&](LinearGemm kind) {
    return MakeGemm(context.lt, kind, shape, /*splits=*/1, context.options.precision);
  };
  return {.shape = shape,
          .layers = layers,
          .is_regular = is_regular,
          .operands = [table = OperandTable(context), operands](std::int64_t i) { return (table.*operands)(i); },
          .forward = gemm(LinearGemm::kForward),
          .input_gradient = gemm(LinearGemm::kInputGradient)};
}

}  // namespace

StepPlan MakeStepPlan(const StepContext& context) {
  const ModelConfig& m = context.options.config;
  const QkvLayout layout = m.qkv();
  return {.qkv = MakePlan(context, m.d_model, layout.columns(), m.layers, &OperandTable::Qkv),
          .output = MakePlan(context, layout.query_columns(), m.d_model, m.layers, &OperandTable::Output,
                             context.attention.has_fixed_outputs()),
          .w13 = MakePlan(context, m.d_model, 2 * m.d_ff, m.layers, &OperandTable::W13),
          .w2 = MakePlan(context, m.d_ff, m.d_model, m.layers, &OperandTable::W2),
          .head = MakePlan(context, m.d_model, m.vocab, /*layers=*/1, &OperandTable::Head)};
}

}  // namespace tbench
