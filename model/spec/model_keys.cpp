#include <array>

#include "model/spec/config.h"

namespace tbench {
namespace {

template <std::int64_t ModelConfig::*kMember>
constexpr ModelKey Key(std::string_view name, ModelKey::Absent absent = nullptr) {
  return {.name = name,
          .get = [](const ModelConfig& config) { return config.*kMember; },
          .set = [](ModelConfig& config, std::int64_t value) { config.*kMember = value; },
          .absent = absent};
}

// In the order of a text. A new one goes to the end and says what a text without it means.
constexpr std::array kKeys{Key<&ModelConfig::vocab>("vocab"), Key<&ModelConfig::d_model>("d_model"),
                           Key<&ModelConfig::d_ff>("d_ff"), Key<&ModelConfig::layers>("layers"),
                           Key<&ModelConfig::heads>("heads")};

}  // namespace

std::span<const ModelKey> ModelKeys() { return kKeys; }

}  // namespace tbench
