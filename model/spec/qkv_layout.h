#pragma once

#include <cstdint>

namespace tbench {

// The columns of a row of queries, keys and values side by side, [rows, columns()], and of the weight that makes them,
// [columns(), d_model]: h heads of queries, then of keys, then of values, k columns each. C++17: kernels read it too.
struct QkvLayout {
  std::int64_t heads, head_size;

  constexpr std::int64_t query_columns() const { return heads * head_size; }  // and those of attention's output
  constexpr std::int64_t key_columns() const { return heads * head_size; }    // and those of values
  constexpr std::int64_t keys() const { return query_columns(); }             // the first column of each
  constexpr std::int64_t values() const { return keys() + key_columns(); }
  constexpr std::int64_t columns() const { return values() + key_columns(); }
};

}  // namespace tbench
