#include "benchmarks/names/ceiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/support/input_error.h"

namespace tbench {
namespace {

constexpr std::array<std::int64_t, 3> kGpuSizes{2048, 4096, 8192};
constexpr std::array<std::int64_t, 2> kCpuSizes{1024, 2048};
// Beyond every cache.
constexpr std::int64_t kGpuCopyBytes = std::int64_t(1) << 30;
constexpr std::int64_t kCpuCopyBytes = std::int64_t(1) << 28;

[[noreturn]] void ThrowNoCeiling(std::string_view name) {
  throw InputError(fmt::format("'{}' is no ceiling: expected {}/gemm/precision:P/size:N, {}/copy/bytes:N or {}/launch",
                               name, kCeilingFamily, kCeilingFamily, kCeilingFamily));
}

// The value after "KEY:", up to the next '/', which is removed from `rest` with it.
std::string_view TakeValue(std::string_view name, std::string_view key, std::string_view& rest) {
  if (!rest.starts_with(key) || rest.size() <= key.size() || rest[key.size()] != ':') ThrowNoCeiling(name);
  rest.remove_prefix(key.size() + 1);
  const std::string_view value = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(value.size() + 1, rest.size()));
  return value;
}

}  // namespace

std::string CeilingName(const Ceiling& ceiling) {
  switch (ceiling.kind) {
    case Ceiling::Kind::kGemm:
      return fmt::format("{}/gemm/precision:{}/size:{}", kCeilingFamily, NameOf(ceiling.precision), ceiling.size);
    case Ceiling::Kind::kCopy:
      return fmt::format("{}/copy/bytes:{}", kCeilingFamily, ceiling.size);
    case Ceiling::Kind::kLaunch:
      return fmt::format("{}/launch", kCeilingFamily);
  }
  throw InputError("a kind of ceiling without a name");
}

Ceiling ParseCeilingName(std::string_view name) {
  std::string_view rest = name;
  const auto take = [&rest](std::string_view prefix) {
    const bool fits = rest.starts_with(prefix) && (rest.size() == prefix.size() || rest[prefix.size()] == '/');
    if (fits) rest.remove_prefix(std::min(prefix.size() + 1, rest.size()));
    return fits;
  };
  if (!take(kCeilingFamily)) ThrowNoCeiling(name);
  Ceiling ceiling;
  if (take("gemm")) {
    ceiling.precision = ParseName(kPrecisions, "precision", TakeValue(name, "precision", rest));
    ceiling.size = ParseInteger("size", TakeValue(name, "size", rest), 1);
  } else if (take("copy")) {
    ceiling.kind = Ceiling::Kind::kCopy;
    ceiling.size = ParseInteger("bytes", TakeValue(name, "bytes", rest), 1);
  } else if (take("launch")) {
    ceiling.kind = Ceiling::Kind::kLaunch;
  } else {
    ThrowNoCeiling(name);
  }
  return ceiling;
}

std::string RowName(const Ceiling& ceiling) { return RowNameOf(CeilingName(ceiling), kCeilingRepetitions); }

std::vector<Ceiling> CeilingsOf(const std::vector<Case>& cases, bool gpu) {
  std::vector<Ceiling> ceilings;
  const auto add_products = [&](const auto& sizes, Precision precision) {
    for (const std::int64_t size : sizes) {
      const Ceiling ceiling{.kind = Ceiling::Kind::kGemm, .precision = precision, .size = size};
      if (std::ranges::find(ceilings, ceiling) == ceilings.end()) ceilings.push_back(ceiling);
    }
  };
  for (const Case& c : cases) {
    if (!WhyNotSupported(c.precision, /*fused=*/false, gpu).empty()) continue;  // LibTorch multiplies them
    if (gpu) add_products(kGpuSizes, c.precision);
    if (!gpu) add_products(kCpuSizes, c.precision);
  }
  ceilings.push_back({.kind = Ceiling::Kind::kCopy, .size = gpu ? kGpuCopyBytes : kCpuCopyBytes});
  if (gpu) ceilings.push_back({.kind = Ceiling::Kind::kLaunch});
  return ceilings;
}

std::vector<Ceiling> MainCeilings(const std::vector<Ceiling>& ceilings) {
  std::vector<Ceiling> main;
  for (const Ceiling& ceiling : ceilings) {
    if (ceiling.kind == Ceiling::Kind::kLaunch) continue;
    const bool has_larger = std::ranges::any_of(ceilings, [&](const Ceiling& other) {
      return other.kind == ceiling.kind && other.precision == ceiling.precision && other.size > ceiling.size;
    });
    if (!has_larger) main.push_back(ceiling);
  }
  return main;
}

double WorkOf(const Ceiling& ceiling) {
  const auto size = double(ceiling.size);
  switch (ceiling.kind) {
    case Ceiling::Kind::kGemm:
      return 2 * size * size * size;
    case Ceiling::Kind::kCopy:
      return 2 * size;
    case Ceiling::Kind::kLaunch:
      break;
  }
  return 0;
}

}  // namespace tbench
