#include "benchmarks/names/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "benchmarks/names/name_elements.h"
#include "model/support/hash.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

struct KernelsRow {
  Kernels id;
  std::string_view name;
};
constexpr std::array kKernels{KernelsRow{Kernels::kComposed, "composed"}, KernelsRow{Kernels::kFused, "fused"}};

struct LaunchRow {
  Launch id;
  std::string_view name;
};
constexpr std::array kLaunches{LaunchRow{Launch::kEager, "eager"}, LaunchRow{Launch::kGraph, "graph"}};

// What a user may ask for.
constexpr std::size_t kAttentionValues =
    std::size_t(std::ranges::count_if(kAttentions, &AttentionTraits::is_axis_value));
static_assert(std::ranges::is_partitioned(kAttentions, &AttentionTraits::is_axis_value));
constexpr auto kAttentionAxis = std::span(kAttentions).first<kAttentionValues>();

const std::array kAxes{
    Axis{"model",
         "--models",
         "",
         [](const Case& c) { return c.model; },
         [](std::string_view v, Case& c) { c.model = v; },
         {}},
    Axis{"context",
         "--contexts",
         "128,256",
         [](const Case& c) { return std::to_string(c.context); },
         [](std::string_view v, Case& c) { c.context = ParseInteger("context", v, 1); },
         {}},
    Axis{"pass", "--passes", "forward,forward_backward", [](const Case& c) { return NameOf(c.pass); },
         [](std::string_view v, Case& c) { c.pass = ParseName(kPasses, "pass", v); }, Names(kPasses)},
    Axis{"precision", "--precisions", "fp32", [](const Case& c) { return NameOf(c.precision); },
         [](std::string_view v, Case& c) { c.precision = ParseName(kPrecisions, "precision", v); }, Names(kPrecisions)},
    Axis{"attention", "--attention", "naive", [](const Case& c) { return NameOf(c.attention); },
         [](std::string_view v, Case& c) { c.attention = ParseName(kAttentionAxis, "attention", v); },
         Names(kAttentionAxis)},
    Axis{"kernels", "--kernels", "composed", [](const Case& c) { return std::string(RowOf(kKernels, c.kernels).name); },
         [](std::string_view v, Case& c) { c.kernels = ParseName(kKernels, "kernels", v); }, Names(kKernels)},
    Axis{"launch", "--launch", "eager", [](const Case& c) { return std::string(RowOf(kLaunches, c.launch).name); },
         [](std::string_view v, Case& c) { c.launch = ParseName(kLaunches, "launch", v); }, Names(kLaunches)},
    Axis{"batch",
         "--batch",
         "4",
         [](const Case& c) { return std::to_string(c.batch); },
         [](std::string_view v, Case& c) { c.batch = ParseInteger("batch", v, 1); },
         {}},
    Axis{"warmups",
         "--warmups",
         "0,1,5",
         [](const Case& c) { return std::to_string(c.warmups); },
         [](std::string_view v, Case& c) { c.warmups = ParseInteger("warmups", v, 0); },
         {}},
};

}  // namespace

std::span<const Axis> Axes() { return kAxes; }

StepSpec SpecOf(const Case& c, const ModelConfig& config) {
  return {.config = config,
          .batch = c.batch,
          .context = c.context,
          .pass = c.pass,
          .precision = c.precision,
          .attention = c.attention};
}

std::string CaseName(const Case& c) {
  std::string name(kStepFamily);
  for (const Axis& axis : kAxes) name.append("/").append(axis.key).append(":").append(axis.print(c));
  return name;
}

std::string ShortName(const Case& c, const std::vector<Case>& grid) {
  std::string name = c.model;
  for (const Axis& axis : kAxes) {
    const std::string value = axis.print(c);
    const bool varies = std::ranges::any_of(grid, [&](const Case& other) { return axis.print(other) != value; });
    if (varies && axis.key != "model") name += fmt::format(" {}:{}", axis.key, value);
  }
  return name;
}

Case ParseCaseName(std::string_view name) {
  std::string_view rest = name;
  if (TakeElement(rest) != kStepFamily) throw InputError(fmt::format("'{}' is not a {} case", name, kStepFamily));
  Case c;
  for (const Axis& axis : kAxes) axis.parse(TakeValue(name, axis.key, rest), c);
  RequireLibrarySuffix(name, rest);
  return c;
}

std::string Slug(const Case& c) {
  std::string slug = CaseName(c).substr(kStepFamily.size() + 1);
  // Neither is in a name's values, and both are safe in a shell.
  std::ranges::replace(slug, '/', '+');
  std::ranges::replace(slug, ':', '=');
  constexpr std::size_t kLongest = 200;  // file systems allow 255, and suffixes follow
  if (slug.size() > kLongest) slug = fmt::format("{}+{:016x}", slug.substr(0, kLongest - 17), Hash(slug));
  return slug;
}

std::string RowNameOf(const std::string& benchmark, std::int64_t repetitions) {
  return fmt::format("{}/iterations:1/repeats:{}/manual_time", benchmark, repetitions);
}

std::string RowName(const Case& c, std::int64_t trials) { return RowNameOf(CaseName(c), trials); }

}  // namespace tbench
