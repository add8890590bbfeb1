#include "benchmarks/names/case.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "model/support/hash.h"
#include "model/support/input_error.h"

namespace tbench {

const Axis& AxisOf(std::string_view key) {
  const auto axis = std::ranges::find(Axes(), key, &Axis::key);
  if (axis == Axes().end()) throw std::out_of_range(std::string(key));
  return *axis;
}

AxisValue ValueOf(const Axis& axis, const Case& c) {
  const std::string value = axis.print(c);
  switch (axis.kind) {
    case AxisKind::kName:
      break;
    case AxisKind::kNumber:
      return ParseInteger(axis.key, value, 0);
    case AxisKind::kChoice:
      return std::ranges::find(axis.values, value) - axis.values.begin();
  }
  return value;
}

std::string ValueInWords(const Axis& axis, const Case& c) {
  return axis.kind == AxisKind::kNumber ? fmt::format("{} {}", axis.key, axis.print(c)) : axis.print(c);
}

StepSpec SpecOf(const Case& c, const ModelConfig& config) {
  return {.config = config,
          .batch = c.batch,
          .context = c.context,
          .pass = c.pass,
          .precision = c.precision,
          .attention = c.attention};
}

std::string CaseName(const Case& c) { return std::string(kStepFamily) + PrintAxes(Axes(), c); }

std::string ShortName(const Case& c, const std::vector<Case>& grid) { return ShortName(c, VaryingAxes(grid)); }

std::vector<Axis> VaryingAxes(const std::vector<Case>& grid) {
  std::vector<Axis> varying;
  for (const Axis& axis : Axes()) {
    const auto differs = [&](const Case& c) { return axis.print(c) != axis.print(grid.front()); };
    if (std::ranges::any_of(grid, differs)) varying.push_back(axis);
  }
  return varying;
}

std::string ShortName(const Case& c, const std::vector<Axis>& varying) {
  std::string name = c.model;
  for (const Axis& axis : varying) {
    if (axis.key != "model") name += fmt::format(" {}:{}", axis.key, axis.print(c));
  }
  return name;
}

Case ParseCaseName(std::string_view name) {
  std::string_view rest = name;
  if (TakeElement(rest) != kStepFamily) throw InputError(fmt::format("'{}' is not a {} case", name, kStepFamily));
  Case c;
  TakeAxes(name, Axes(), rest, c);
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
