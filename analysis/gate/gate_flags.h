#pragma once

#include <string>
#include <vector>

#include "analysis/gate/comparison.h"
#include "model/support/flag.h"

namespace tbench {

// --threshold, --alpha, --allow-missing and --ignore-hardware, which set `target`, under that heading in --help.
std::vector<Flag> GateFlags(const std::string& group, GateOptions& target);

// 0.05 for "5%" and for "0.05". InputError, naming the flag, for anything else, for less than 0 and, without a percent
// sign, for 1 and more, which was hardly meant.
double ParseShare(const std::string& flag, const std::string& text);

}  // namespace tbench
