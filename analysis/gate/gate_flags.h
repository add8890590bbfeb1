#pragma once

#include <string>

#include "analysis/gate/comparison.h"

namespace CLI {
class App;
}

namespace tbench {

// Adds --threshold, --alpha, --allow-missing and --ignore-hardware, in a group of that name in --help. `options` must
// outlive `app`.
void AddGateFlags(CLI::App& app, const std::string& group, GateOptions& options);

// 0.05 for "5%" and for "0.05". InputError, naming the flag, for anything else, for less than 0 and, without a percent
// sign, for 1 and more, which was hardly meant.
double ParseShare(const std::string& flag, const std::string& text);

}  // namespace tbench
