#include "model/fused/linear_plan.h"

namespace tbench {

std::unique_ptr<Gemm> MakeGemm(cublasLtHandle_t handle, LinearGemm kind, const LinearShape& shape, std::int64_t splits,
                               Precision precision) {
  return MakeGemm(handle, {kind, shape.rows, shape.in, shape.out, splits}, precision);
}

Gemm::Operands LinearPlan::OperandsOf(const Gemm& gemm, std::int64_t layer) const {
  const LinearOperands o = operands(layer);
  const bool is_split = gemm.shape().splits > 1;
  if (gemm.shape().kind == LinearGemm::kForward) {
    return {o.x, o.weight, is_split ? nullptr : o.addend, is_split ? o.partials : o.y};
  }
  return {o.y, o.weight, nullptr, is_split ? o.partials : o.dx};
}

Gemm::Operands LinearPlan::WeightGradientOperands(std::int64_t layer) const {
  const LinearOperands o = operands(layer);
  return {o.y, o.x, nullptr, o.dweight};
}

std::vector<Gemm::Operands> LinearPlan::AllOperandsOf(const Gemm& gemm) const {
  std::vector<Gemm::Operands> all;
  for (std::int64_t layer = 0; layer < layers; ++layer) all.push_back(OperandsOf(gemm, layer));
  return all;
}

}  // namespace tbench
