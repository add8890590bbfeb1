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

// Whether only `context` has been through Google Benchmark, whatever keys its version writes.
bool OnlyTheLibraryWrote(const Json& context, const Json& other) {
  return context.contains("date") && !other.contains("date");
}

bool MayDiffer(std::string_view key) {
  constexpr std::array<std::string_view, 3> kKeys{"gpu_uuid", "gpu_count", "max_sm_clock_mhz"};
  return VariesBetweenRuns(key) || IsOneOf(kKeys, key);
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
    if (MayDiffer(key) || (in_both && there[key] == here[key])) continue;
    // A run whose every child died has only the keys that --describe gave.
    if (!in_both && (key.starts_with("model.") || IsOneOf(kLibraryContextKeys, key))) continue;
    if (!here.contains(key) && OnlyTheLibraryWrote(there, here)) continue;
    if (!there.contains(key) && OnlyTheLibraryWrote(here, there)) continue;
    differences.push_back(fmt::format("{}: {} there, {} here", key, Shown(there, key), Shown(here, key)));
  }
  return differences;
}

std::vector<std::string> DifferencesWithinPart(const Json& there, const Json& here) {
  std::vector<std::string> differences = ContextDifferences(there, here);
  constexpr const char* kUuid = "gpu_uuid";
  // A run from before the key was written does not know.
  if (there.contains(kUuid) && here.contains(kUuid) && there[kUuid] != here[kUuid]) {
    differences.push_back(
        fmt::format("{}: {} there, {} here: another GPU", kUuid, Shown(there, kUuid), Shown(here, kUuid)));
  }
  return differences;
}

}  // namespace tbench
