#pragma once

#include <cublasLt.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "model/fused/gemm.h"
#include "model/spec/precision.h"

namespace tbench {

// A linear layer of the model: x [rows, in], y [rows, out].
struct LinearShape {
  std::int64_t rows, in, out;
};

// What all GEMMs of a linear layer read and write. The backward pass finds dy where the forward pass put y.
struct LinearOperands {
  const void* x;       // [rows,in]
  const void* weight;  // [out,in]
  const void* addend;  // [rows,out]: added to y; may be null
  void* y;             // [rows,out]
  void* dx;            // [rows,in]
  void* dweight;       // [out,in]
  void* partials;      // [splits] results in FP32, of a split-K GEMM; null where none is
};

// How a forward GEMM or an input gradient may be split (split-K): one with few rows leaves multiprocessors idle unless
// it is, and the norm behind it then adds up the partial results.
inline constexpr std::array<std::int64_t, 4> kSplits{1, 2, 4, 8};

std::unique_ptr<Gemm> MakeGemm(cublasLtHandle_t handle, LinearGemm kind, const LinearShape& shape, std::int64_t splits,
                               Precision precision);

// One of the model's linear layers, in all Transformer layers that have it.
struct LinearPlan {
  LinearShape shape;
  std::int64_t layers;  // how many have it; 1 for the head
  bool is_regular;      // whether each operand lies at the same distance from layer to layer, and stays there
  std::function<LinearOperands(std::int64_t layer)> operands;  // as they lie now: attention's output may move
  std::unique_ptr<Gemm> forward, input_gradient;               // one gradient more: weight_gradients.h

  // Of a layer, for one of the GEMMs above.
  Gemm::Operands OperandsOf(const Gemm& gemm, std::int64_t layer) const;
  Gemm::Operands WeightGradientOperands(std::int64_t layer) const;
  // Of all layers, for tuning.
  std::vector<Gemm::Operands> AllOperandsOf(const Gemm& gemm) const;
};

}  // namespace tbench
