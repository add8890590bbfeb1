#include "benchmarks/sweep/run_context.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "benchmarks/names/context_keys.h"

namespace tbench {
namespace {

std::string Shown(const Json& context, const std::string& key) {
  if (!context.contains(key)) return "nothing";
  const Json& value = context[key];
  return value.is_string() ? fmt::format("'{}'", value.get<std::string>()) : value.dump();
}

// Google Benchmark's own keys: a run whose every child died has only those that --describe gave.
bool IsTheLibrarys(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys{"num_cpus",           "cpu_scaling_enabled", "caches",
                                                  "library_build_type", "library_version",     "json_schema_version"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

}  // namespace

std::vector<std::string> ContextDifferences(const Json& there, const Json& here) {
  std::vector<std::string> keys;
  for (const Json* context : {&there, &here}) {
    for (const auto& [key, value] : context->items()) {
      if (std::ranges::find(keys, key) == keys.end()) keys.push_back(key);
    }
  }
  std::vector<std::string> differences;
  for (const std::string& key : keys) {
    const bool in_both = there.contains(key) && here.contains(key);
    if (VariesBetweenRuns(key) || key == "max_sm_clock_mhz" || (in_both && there[key] == here[key])) continue;
    if (!in_both && (key.starts_with("model.") || IsTheLibrarys(key))) continue;
    differences.push_back(fmt::format("{}: {} there, {} here", key, Shown(there, key), Shown(here, key)));
  }
  return differences;
}

}  // namespace tbench
