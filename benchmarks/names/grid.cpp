#include "benchmarks/names/grid.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "model/support/input_error.h"

namespace tbench {
namespace {

// Each is a process of a sweep, of seconds: more is a slip.
constexpr std::size_t kMaxCases = 100'000;

struct Preset {
  std::string_view name;
  std::map<std::string_view, std::string_view> axes;  // key -> values that are not the axis's defaults
  std::string_view old_name = {};                     // still understood
};

constexpr std::string_view kPublishedModels = "small,medium,large,xl,2.7B";

const std::array kPresets{
    // The published table: 60 cases.
    Preset{"published", {{"model", kPublishedModels}}, /*old_name=*/"seed"},
    // What a training run of today does: every pass in BF16, with this project's kernels, as one CUDA graph.
    Preset{"modern",
           {{"model", kPublishedModels},
            {"context", "128,256,512,1024"},
            {"pass", "forward,forward_backward,train_step"},
            {"precision", "bf16"},
            {"attention", "sdpa"},
            {"kernels", "fused"},
            {"launch", "graph"},
            {"warmups", "5"}}},
    // The same sections of the report on a machine without a GPU.
    Preset{"quick", {{"model", "tiny,mini"}}},
};

const Preset& FindPreset(const std::string& name) {
  const auto found = std::ranges::find_if(
      kPresets, [&](const Preset& preset) { return name == preset.name || name == preset.old_name; });
  if (found == kPresets.end()) throw UnknownValue("grid", name, PresetNames());
  return *found;
}

std::string OwnModelNames(const std::vector<NamedModel>& models) {
  std::string names;
  for (const NamedModel& model : models) names += (names.empty() ? "" : ",") + model.name;
  return names;
}

// Each case once for each value of the axis.
std::vector<Case> Multiply(const std::vector<Case>& cases, const Axis& axis, std::string_view values) {
  const std::vector<std::string> list = SplitList(axis.flag, values);
  if (list.size() > kMaxCases / cases.size()) {
    throw InputError(fmt::format("{}: {} values for each of {} cases; a grid has at most {} cases", axis.flag,
                                 list.size(), cases.size(), kMaxCases));
  }
  std::vector<Case> product;
  for (const Case& base : cases) {
    std::set<std::string> seen;
    for (const std::string& value : list) {
      Case c = base;
      axis.Set(value, c);
      if (!seen.insert(axis.print(c)).second) {
        throw InputError(fmt::format("{}: {} is listed twice", axis.flag, value));
      }
      product.push_back(std::move(c));
    }
  }
  return product;
}

}  // namespace

std::vector<std::string> PresetNames() {
  std::vector<std::string> names;
  for (const Preset& preset : kPresets) names.emplace_back(preset.name);
  return names;
}

Grid BuildGrid(const GridOptions& options, bool gpu_present) {
  const std::string default_preset = gpu_present ? "published" : "quick";
  const Preset& preset = FindPreset(options.preset.empty() ? default_preset : options.preset);

  Grid grid;
  for (const NamedModel& model : options.own_models) grid.models.Add(model);
  grid.cases = {Case{}};
  for (const Axis& axis : Axes()) {
    std::string values(axis.defaults);
    if (const auto changed = preset.axes.find(axis.key); changed != preset.axes.end()) values = changed->second;
    if (axis.key == "model" && !options.own_models.empty()) values = OwnModelNames(options.own_models);
    if (const auto given = options.axes.find(std::string(axis.key)); given != options.axes.end()) {
      values = given->second;
    }
    grid.cases = Multiply(grid.cases, axis, values);
  }
  for (const Case& c : grid.cases) grid.models.Find(c.model);
  return grid;
}

}  // namespace tbench
