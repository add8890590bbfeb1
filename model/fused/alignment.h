#pragma once

#include <cstdint>

namespace tbench {

// Elements, rounded up so that what follows them begins at a multiple of 256 bytes in BF16, as cuBLASLt's heuristics
// take for granted.
constexpr std::int64_t Aligned(std::int64_t elements) {
  constexpr std::int64_t kAlignment = 128;
  return (elements + kAlignment - 1) / kAlignment * kAlignment;
}

}  // namespace tbench
