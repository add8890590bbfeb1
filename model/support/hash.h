#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace tbench {

// Non-cryptographic: FNV-1a over 8-byte words, the last one filled with zeros.
inline std::uint64_t Hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325 ^ text.size();
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), size);
    hash = (hash ^ word) * 0x100000001b3;
    text.remove_prefix(size);
  }
  return hash;
}

}  // namespace tbench
