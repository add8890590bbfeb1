#include "analysis/gate/gate_flags.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

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

std::vector<Flag> GateFlags(const std::string& group, GateOptions& target) {
  using Parse = double (*)(const std::string&, const std::string&);
  const auto share = [](const std::string& name, double& value, Parse parse, const std::string& help) {
    const auto read = [name, &value, parse](const std::string& text) { value = parse(name, text); };
    return Flag{.name = name, .metavar = "SHARE", .help = help, .read = read};
  };
  std::vector<Flag> flags{
      share("--threshold", target.threshold, ParseShare,
            "Slower means: the median grew by more than this (default: 5%)"),
      share("--alpha", target.alpha, ParseAlpha, "… and the U test's p is below this (default: 0.05)"),
      SwitchFlag("--allow-missing", target.allow_missing, "Do not fail for cases that only the baseline has"),
      SwitchFlag("--ignore-hardware", target.ignore_hardware, "Compare runs of different hardware")};
  for (Flag& flag : flags) flag.group = group;
  return flags;
}

}  // namespace tbench
