#pragma once

#include <array>
#include <cstdint>

// What short_attention.h has kernels for; without CUDA's headers.
namespace tbench::kernels {

struct ShortAttentionLimit {
  std::int64_t head_size, longest_context;
};

// By what of a head a Hopper multiprocessor's shared memory holds; at most 256, two halves of the kernels.
inline constexpr std::array<ShortAttentionLimit, 4> kShortAttentionLimits{
    {{32, 256}, {64, 256}, {80, 256}, {128, 128}}};

constexpr bool HasShortAttention(std::int64_t context, std::int64_t head_size) {
  for (const ShortAttentionLimit& limit : kShortAttentionLimits) {
    if (head_size == limit.head_size) return context >= 1 && context <= limit.longest_context;
  }
  return false;
}

}  // namespace tbench::kernels
