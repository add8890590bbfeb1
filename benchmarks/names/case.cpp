#include "benchmarks/names/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "benchmarks/names/name_elements.h"
#include "model/support/hash.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

template <class Value>
struct Named {
  std::string_view name;
  Value value;
};

constexpr std::array kPasses{Named<Pass>{"forward", Pass::kForward},
                             Named<Pass>{"forward_backward", Pass::kForwardBackward},
                             Named<Pass>{"train_step", Pass::kTrainStep}};
// From the most accurate on.
constexpr std::array kPrecisions{
    Named<Precision>{"fp32", Precision::kFp32}, Named<Precision>{"fp32x3", Precision::kFp32x3},
    Named<Precision>{"tf32", Precision::kTf32}, Named<Precision>{"bf16", Precision::kBf16}};
constexpr std::array kAttentions{
    Named<Attention>{"naive", Attention::kNaive},         Named<Attention>{"sdpa", Attention::kSdpa},
    Named<Attention>{"cudnn", Attention::kCudnn},         Named<Attention>{"flash", Attention::kFlash},
    Named<Attention>{"efficient", Attention::kEfficient}, Named<Attention>{"short", Attention::kShort}};
constexpr std::array kKernels{Named<Kernels>{"composed", Kernels::kComposed}, Named<Kernels>{"fused", Kernels::kFused}};
constexpr std::array kLaunches{Named<Launch>{"eager", Launch::kEager}, Named<Launch>{"graph", Launch::kGraph}};

template <class Table, class Value>
std::string NameOf(const Table& table, Value value) {
  return std::string(std::ranges::find(table, value, &Table::value_type::value)->name);
}

template <class Table>
std::vector<std::string> Names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

template <class Table>
auto ValueOf(const Table& table, std::string_view axis, std::string_view name) {
  const auto found = std::ranges::find(table, name, &Table::value_type::name);
  if (found == table.end()) throw UnknownValue(axis, name, Names(table));
  return found->value;
}

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
    Axis{"pass", "--passes", "forward,forward_backward", [](const Case& c) { return NameOf(kPasses, c.pass); },
         [](std::string_view v, Case& c) { c.pass = ValueOf(kPasses, "pass", v); }, Names(kPasses)},
    Axis{"precision", "--precisions", "fp32", [](const Case& c) { return NameOf(kPrecisions, c.precision); },
         [](std::string_view v, Case& c) { c.precision = ParsePrecision(v); }, Names(kPrecisions)},
    Axis{"attention", "--attention", "naive", [](const Case& c) { return NameOf(kAttentions, c.attention); },
         [](std::string_view v, Case& c) { c.attention = ValueOf(kAttentions, "attention", v); }, Names(kAttentions)},
    Axis{"kernels", "--kernels", "composed", [](const Case& c) { return NameOf(kKernels, c.kernels); },
         [](std::string_view v, Case& c) { c.kernels = ValueOf(kKernels, "kernels", v); }, Names(kKernels)},
    Axis{"launch", "--launch", "eager", [](const Case& c) { return NameOf(kLaunches, c.launch); },
         [](std::string_view v, Case& c) { c.launch = ValueOf(kLaunches, "launch", v); }, Names(kLaunches)},
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

std::string PassName(Pass pass) { return NameOf(kPasses, pass); }

std::string PrecisionName(Precision precision) { return NameOf(kPrecisions, precision); }

Precision ParsePrecision(std::string_view name) { return ValueOf(kPrecisions, "precision", name); }

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
