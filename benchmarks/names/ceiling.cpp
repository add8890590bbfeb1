#include "benchmarks/names/ceiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "benchmarks/names/name_elements.h"
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
  const std::string_view family = TakeElement(rest), kind = TakeElement(rest);
  if (family != kCeilingFamily) ThrowNoCeiling(name);
  Ceiling ceiling;
  if (kind == "gemm") {
    ceiling.precision = ParseName(kPrecisions, "precision", TakeValue(name, "precision", rest));
    ceiling.size = ParseInteger("size", TakeValue(name, "size", rest), 1);
  } else if (kind == "copy") {
    ceiling.kind = Ceiling::Kind::kCopy;
    ceiling.size = ParseInteger("bytes", TakeValue(name, "bytes", rest), 1);
  } else if (kind == "launch") {
    ceiling.kind = Ceiling::Kind::kLaunch;
  } else {
    ThrowNoCeiling(name);
  }
  RequireLibrarySuffix(name, rest);
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
