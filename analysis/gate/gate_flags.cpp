#include "analysis/gate/gate_flags.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>
#include <functional>

#include "model/support/input_error.h"

namespace tbench {
namespace {

double ParseAlpha(const std::string& flag, const std::string& text) {
  const double alpha = ParseShare(flag, text);
  if (alpha <= 0 || alpha >= 1) throw InputError(fmt::format("{} '{}' is not between 0 and 1", flag, text));
  return alpha;
}

}  // namespace

double ParseShare(const std::string& flag, const std::string& text) {
  const bool percent = text.ends_with('%');
  const char* end = text.data() + text.size() - (percent ? 1 : 0);
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  const bool is_number = error == std::errc{} && stop == end && std::isfinite(value);
  if (!is_number || value < 0 || (!percent && value >= 1)) {
    throw InputError(
        fmt::format("{} '{}' is neither a percentage such as 5% nor a share below 1 such as 0.05", flag, text));
  }
  return percent ? value / 100 : value;
}

void AddGateFlags(CLI::App& app, const std::string& group, GateOptions& options) {
  using Parse = double (*)(const std::string&, const std::string&);
  const auto add = [&](const std::string& flag, double& target, Parse parse, const char* help) {
    const auto read = [flag, &target, parse](const std::string& text) { target = parse(flag, text); };
    app.add_option_function<std::string>(flag, read, help)->type_name("SHARE")->group(group);
  };
  add("--threshold", options.threshold, ParseShare, "Slower means: the median grew by more than this (default: 5%)");
  add("--alpha", options.alpha, ParseAlpha, "… and the U test's p is below this (default: 0.05)");
  app.add_flag("--allow-missing", options.allow_missing, "Do not fail for cases that only the baseline has")
      ->group(group);
  app.add_flag("--ignore-hardware", options.ignore_hardware, "Compare runs of different hardware")->group(group);
}

}  // namespace tbench
