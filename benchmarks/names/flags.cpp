#include "benchmarks/names/flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <stdexcept>
#include <utility>

#include "model/support/input_error.h"

namespace tbench {
namespace {

constexpr std::int64_t kMaxTrials = 1'000'000;

std::string ToString(const DeviceChoice& device) {
  switch (device.kind) {
    case DeviceChoice::Kind::kAuto:
      return "auto";
    case DeviceChoice::Kind::kCpu:
      return "cpu";
    case DeviceChoice::Kind::kCuda:
      return fmt::format("cuda:{}", device.index);
  }
  throw std::logic_error("a kind of device without a name");
}

constexpr std::array kCeilingsChoices{std::pair{"auto", CeilingsChoice::kAuto}, std::pair{"on", CeilingsChoice::kOn},
                                      std::pair{"off", CeilingsChoice::kOff}};

CeilingsChoice ParseCeilings(const std::string& text) {
  std::vector<std::string> names;
  for (const auto& [name, choice] : kCeilingsChoices) {
    if (text == name) return choice;
    names.emplace_back(name);
  }
  throw UnknownValue("ceilings", text, names);
}

std::string ToString(CeilingsChoice choice) {
  for (const auto& [name, named] : kCeilingsChoices) {
    if (named == choice) return name;
  }
  throw std::logic_error("a choice of ceilings without a name");
}

Flag IntegerFlag(const std::string& name, std::int64_t& target, std::int64_t least, std::int64_t most,
                 const std::string& help) {
  const auto read = [&target, name, least, most](const std::string& text) {
    target = ParseInteger(name, text, least, most);
  };
  return {.name = name, .metavar = "N", .help = help, .read = read};
}

std::string AxisHelp(const Axis& axis) {
  if (axis.kind != AxisKind::kChoice) return fmt::format("Values of the axis {}, separated by commas", axis.key);
  return fmt::format("Values of the axis {}: {}", axis.key, fmt::join(axis.values, ","));
}

}  // namespace

DeviceChoice ParseDevice(const std::string& text) {
  if (text == "auto") return {DeviceChoice::Kind::kAuto, 0};
  if (text == "cpu") return {DeviceChoice::Kind::kCpu, 0};
  if (text == "cuda") return {DeviceChoice::Kind::kCuda, 0};
  if (text.starts_with("cuda:")) {
    const long long index = ParseInteger("--device cuda:", text.substr(5), 0);
    if (index < 1024) return {DeviceChoice::Kind::kCuda, int(index)};
  }
  throw UnknownValue("device", text, {"auto", "cpu", "cuda", "cuda:0"});
}

bool WantsCeilings(const BenchFlags& flags, bool gpu_present) {
  return flags.ceilings == CeilingsChoice::kOn || (flags.ceilings == CeilingsChoice::kAuto && gpu_present);
}

std::vector<Flag> GridFlags(BenchFlags& target) {
  const auto add_model = [&target](const std::string& text) {
    target.grid.own_models.push_back(ParseNamedModel(text));
  };
  std::vector<Flag> flags{TextFlag("--grid", "NAME", target.grid.preset,
                                   fmt::format("Preset: {} (default: published where a GPU is, else quick)",
                                               fmt::join(PresetNames(), ", "))),
                          {.name = "--model",
                           .metavar = "SPEC",
                           .help = "A model of your own: NAME=vocab:V,d_model:D,d_ff:F,layers:L,heads:H (repeatable)",
                           .read = add_model,
                           .repeatable = true}};
  for (const Axis& axis : Axes()) {
    flags.push_back({.name = std::string(axis.flag),
                     .metavar = "LIST",
                     .help = AxisHelp(axis),
                     .read = [&target, key = std::string(axis.key)](const std::string& values) {
                       target.grid.axes[key] = values;
                     }});
  }
  const auto set_device = [&target](const std::string& text) { target.device = ParseDevice(text); };
  const auto set_ceilings = [&target](const std::string& text) { target.ceilings = ParseCeilings(text); };
  flags.insert(
      flags.end(),
      {IntegerFlag("--trials", target.trials, 1, kMaxTrials, "Timed steps of a case (default: 10)"),
       {.name = "--device", .metavar = "DEVICE", .help = "auto, cpu or cuda[:i] (default: auto)", .read = set_device},
       {.name = "--ceilings",
        .metavar = "CHOICE",
        .help = "Also measure what the device gives at best: on, off or auto (default: auto, where a GPU is)",
        .read = set_ceilings},
       IntegerFlag("--threads", target.threads, 1, kMaxThreads,
                   "CPU threads of an operator (default: OMP_NUM_THREADS, else the cores that this process may use)"),
       IntegerFlag("--seed", target.seed, 0, INT64_MAX, "Seed of weights and tokens (default: 0)")});
  for (Flag& flag : flags) flag.group = kGridGroup;
  return flags;
}

std::vector<std::string> ToArguments(const BenchFlags& flags) {
  std::vector<std::string> arguments;
  if (!flags.grid.preset.empty()) arguments.push_back("--grid=" + flags.grid.preset);
  for (const NamedModel& model : flags.grid.own_models) {
    arguments.push_back(fmt::format("--model={}={}", model.name, ToString(model.config)));
  }
  for (const Axis& axis : Axes()) {
    const auto given = flags.grid.axes.find(std::string(axis.key));
    if (given != flags.grid.axes.end()) arguments.push_back(fmt::format("{}={}", axis.flag, given->second));
  }
  arguments.push_back(fmt::format("--trials={}", flags.trials));
  arguments.push_back("--device=" + ToString(flags.device));
  // Left out where it says nothing: a binary of before there were ceilings can be a baseline.
  if (flags.ceilings != CeilingsChoice::kAuto) arguments.push_back("--ceilings=" + ToString(flags.ceilings));
  if (flags.threads != 0) arguments.push_back(fmt::format("--threads={}", flags.threads));
  arguments.push_back(fmt::format("--seed={}", flags.seed));
  return arguments;
}

}  // namespace tbench
