#pragma once

#include <cstdint>

#include "benchmarks/names/case.h"

// The axes and the models' keys of a later version: those of today, an axis `ranks` and a key `kv_heads` that came
// later, and `d_ff` as if it had. A test program that links later_tables.cpp has these instead of the libraries' own.
namespace tbench {

Case WithRanks(Case c, std::int64_t ranks);

}  // namespace tbench
