#pragma once

#include <ATen/core/Tensor.h>

#include "model/fused/attention.h"

// Views of queries, keys and values in a matrix of rows by QkvLayout.
namespace tbench {

struct QkvViews {
  at::Tensor q, k, v;
};

// The columns of each: rows [B·T, layout.columns()] -> [B·T, columns of their own].
inline QkvViews ColumnsOf(const at::Tensor& rows, const QkvLayout& layout) {
  return {rows.narrow(1, 0, layout.query_columns()), rows.narrow(1, layout.keys(), layout.key_columns()),
          rows.narrow(1, layout.values(), layout.key_columns())};
}

// [B·T, h·k] -> [B,h,T,k].
inline at::Tensor HeadsOf(const at::Tensor& columns, const AttentionShape& shape) {
  return columns.view({shape.batch, shape.context, -1, shape.head_size}).transpose(1, 2);
}

// Those of a layer's rows.
inline QkvViews QkvHeadsOf(const at::Tensor& rows, const AttentionShape& shape) {
  const auto [q, k, v] = ColumnsOf(rows, shape.qkv());
  return {HeadsOf(q, shape), HeadsOf(k, shape), HeadsOf(v, shape)};
}

}  // namespace tbench
