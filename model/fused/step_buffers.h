#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "model/composed/positions.h"
#include "model/fused/fused_transformer.h"
#include "model/fused/parameter_layout.h"

// The memory of a step, made once. M = B·T rows, L layers, V vocabulary, d model width, f feed-forward width, h heads,
// k = d/h. Elements are the precision's unless FP32 or an integer is named.
namespace tbench {

// A norm, and the residual stream that it reads. Gradients take the place of what they are the gradients of; only
// those of normed inputs, of h and of attention's output have a buffer of their own, of one layer.
struct NormBuffers {
  at::Tensor x, normed;        // [M,d]
  at::Tensor scale;            // [M], FP32
  at::Tensor weight;           // [d]
  at::Tensor partial_dweight;  // [partial rows,d], FP32
};

struct LayerBuffers {
  at::Tensor qkv;    // [M,qkv columns]
  at::Tensor heads;  // [M,d]: attention's output, which attention owns
  at::Tensor ab, h;  // [M,2f], [M,f]
};

struct StepBuffers {
  StepBuffers(const FusedOptions& options, const ParameterLayout& layout);

  // The residual stream goes from norm to norm: a layer's first one, its second one, and the next layer's first one,
  // which for the last layer is the one before the head.
  static constexpr std::int64_t FirstNorm(std::int64_t layer) { return 2 * layer; }
  static constexpr std::int64_t SecondNorm(std::int64_t layer) { return 2 * layer + 1; }
  static constexpr std::int64_t NextNorm(std::int64_t layer) { return 2 * layer + 2; }
  const NormBuffers& norm(std::int64_t index) const { return norms[std::size_t(index)]; }
  const LayerBuffers& layer(std::int64_t index) const { return layers[std::size_t(index)]; }

  std::int64_t rows;                                  // M
  Positions positions;                                // cos, sin [T,k/2], FP32
  at::Tensor parameters, gradients;                   // flat, by ParameterLayout
  at::Tensor masters, first_moments, second_moments;  // likewise, FP32; undefined unless it trains
  at::Tensor clock;                                   // an AdamWClock
  std::vector<NormBuffers> norms;                     // 2L+1
  std::vector<LayerBuffers> layers;                   // L
  at::Tensor logits;                                  // [M,V]
  at::Tensor dnormed, dheads, dh;                     // [M,d], [M,d], [M,f]
  at::Tensor partials;                                // [max splits,M,d], FP32: of a split-K GEMM; undefined if none is
  at::Tensor row_loss, log_sum_exp, loss;             // [M], [M], [], FP32
  at::Tensor rows_done;                               // [1], int32
  at::Tensor first_row, next_row;                     // [V], [M], int32
  at::Tensor partial_norms;                           // [2L+1,partial rows,d], FP32
};

}  // namespace tbench
