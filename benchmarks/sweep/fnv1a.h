#pragma once

#include <cstdint>
#include <string_view>

namespace tbench {

// The 64-bit FNV-1a hash: tells files and names apart, does not protect against anybody.
constexpr std::uint64_t Fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace tbench
