#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace tbench {

// True for keys of the JSON's context that differ between any two good runs on one machine.
inline bool VariesBetweenRuns(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys{"date",       "host_name", "load_avg",
                                                  "executable", "command",   "mhz_per_cpu"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

}  // namespace tbench
