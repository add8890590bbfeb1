#include <algorithm>
#include <array>

#include "benchmarks/names/case.h"

namespace tbench {
namespace {

struct KernelsRow {
  Kernels id;
  std::string_view name;
};
constexpr std::array kKernels{KernelsRow{Kernels::kComposed, "composed"}, KernelsRow{Kernels::kFused, "fused"}};
static_assert(AreInOrder(kKernels));

struct LaunchRow {
  Launch id;
  std::string_view name;
};
constexpr std::array kLaunches{LaunchRow{Launch::kEager, "eager"}, LaunchRow{Launch::kGraph, "graph"}};
static_assert(AreInOrder(kLaunches));

// What a user may ask for.
constexpr std::size_t kAttentionValues =
    std::size_t(std::ranges::count_if(kAttentions, &AttentionTraits::is_axis_value));
static_assert(std::ranges::is_partitioned(kAttentions, &AttentionTraits::is_axis_value));
constexpr auto kAttentionAxis = [] {
  std::array<AttentionTraits, kAttentionValues> rows{};
  std::ranges::copy_n(kAttentions.begin(), kAttentionValues, rows.begin());
  return rows;
}();

template <auto kMember, const auto& kTable>
Axis Choice(std::string_view key, std::string_view flag, std::string_view defaults, std::string_view absent = {}) {
  return {{ChoiceAxis<kMember, kTable>(key, absent)}, flag, defaults, Names(kTable)};
}

// Products of two, such as a step's tokens, fit into 64 bits.
constexpr std::int64_t kMostInAxis = std::int64_t{1} << 31;

template <auto kMember, std::int64_t kLeast = 1>
Axis Number(std::string_view key, std::string_view flag, std::string_view defaults, std::string_view absent = {}) {
  return {{NumberAxis<kMember, kLeast, kMostInAxis>(key, absent)}, flag, defaults, {}};
}

// In the order of a name. A new one goes to the end and says what a name without it means.
const std::array kAxes{
    Axis{{StringAxis<&Case::model>("model")}, "--models", "", {}},
    Number<&Case::context>("context", "--contexts", "128,256"),
    Choice<&Case::pass, kPasses>("pass", "--passes", "forward,forward_backward"),
    Choice<&Case::precision, kPrecisions>("precision", "--precisions", "fp32"),
    Choice<&Case::attention, kAttentionAxis>("attention", "--attention", "naive"),
    Choice<&Case::kernels, kKernels>("kernels", "--kernels", "composed"),
    Choice<&Case::launch, kLaunches>("launch", "--launch", "eager"),
    Number<&Case::batch>("batch", "--batch", "4"),
    Number<&Case::warmups, 0>("warmups", "--warmups", "0,1,5"),
};

}  // namespace

std::span<const Axis> Axes() { return kAxes; }

}  // namespace tbench
