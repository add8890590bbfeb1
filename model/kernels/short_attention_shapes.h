#pragma once

#include <array>
#include <cstdint>

// What short_attention.h has kernels for; without CUDA's headers.
namespace tbench::kernels {

inline constexpr std::int64_t kShortAttentionLongestContext = 128;
inline constexpr std::array<std::int64_t, 4> kShortAttentionHeadSizes{32, 64, 80, 128};

constexpr bool HasShortAttention(std::int64_t context, std::int64_t head_size) {
  bool has_head_size = false;
  for (const std::int64_t one : kShortAttentionHeadSizes) has_head_size |= one == head_size;
  return has_head_size && context >= 1 && context <= kShortAttentionLongestContext;
}

}  // namespace tbench::kernels
