#include "benchmarks/names/ceiling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "model/support/input_error.h"

namespace tbench {
namespace {

constexpr std::array<std::int64_t, 3> kGpuSizes{2048, 4096, 8192};
constexpr std::array<std::int64_t, 2> kCpuSizes{1024, 2048};
// Beyond every cache.
constexpr std::int64_t kGpuCopyBytes = std::int64_t(1) << 30;
constexpr std::int64_t kCpuCopyBytes = std::int64_t(1) << 28;

struct MomentRow {
  Ceiling::Moment id;
  std::string_view name;
};
constexpr std::array kMoments{MomentRow{Ceiling::Moment::kStart, "start"}, MomentRow{Ceiling::Moment::kEnd, "end"}};
static_assert(AreInOrder(kMoments));

constexpr NameAxis<Ceiling> kMoment = ChoiceAxis<&Ceiling::moment, kMoments>("moment", /*absent=*/"start");

struct KindRow {
  Ceiling::Kind id;
  std::string_view name;
  std::vector<NameAxis<Ceiling>> axes;
};

const std::array kKinds{
    KindRow{Ceiling::Kind::kGemm,
            "gemm",
            {ChoiceAxis<&Ceiling::precision, kPrecisions>("precision"), NumberAxis<&Ceiling::size>("size"), kMoment}},
    KindRow{Ceiling::Kind::kCopy, "copy", {NumberAxis<&Ceiling::size>("bytes"), kMoment}},
    KindRow{Ceiling::Kind::kLaunch, "launch", {kMoment}},
};

}  // namespace

std::string CeilingName(const Ceiling& ceiling) {
  const KindRow& kind = RowOf(kKinds, ceiling.kind);
  return fmt::format("{}/{}{}", kCeilingFamily, kind.name, PrintAxes(kind.axes, ceiling));
}

Ceiling ParseCeilingName(std::string_view name) {
  std::string_view rest = name;
  if (TakeElement(rest) != kCeilingFamily) throw InputError(fmt::format("'{}' is not a {}", name, kCeilingFamily));
  Ceiling ceiling{.kind = ParseName(kKinds, kCeilingFamily, TakeElement(rest))};
  TakeAxes(name, RowOf(kKinds, ceiling.kind).axes, rest, ceiling);
  RequireLibrarySuffix(name, rest);
  return ceiling;
}

std::string RowName(const Ceiling& ceiling) { return RowNameOf(CeilingName(ceiling), kCeilingRepetitions); }

std::vector<Ceiling> CeilingsOf(const std::vector<Case>& cases, bool gpu) {
  std::vector<Ceiling> ceilings;
  const auto add_gemms = [&](std::span<const std::int64_t> sizes, Precision precision) {
    for (const std::int64_t size : sizes) {
      const Ceiling ceiling{.kind = Ceiling::Kind::kGemm, .precision = precision, .size = size};
      if (std::ranges::find(ceilings, ceiling) == ceilings.end()) ceilings.push_back(ceiling);
    }
  };
  for (const Case& c : cases) {
    if (!WhyNotSupported(c.precision, /*fused=*/false, gpu).empty()) continue;  // LibTorch multiplies them
    add_gemms(gpu ? std::span<const std::int64_t>(kGpuSizes) : kCpuSizes, c.precision);
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
