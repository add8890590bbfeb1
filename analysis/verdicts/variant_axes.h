#pragma once

#include <vector>

#include "benchmarks/names/case.h"

namespace tbench {

// Axes that the published table has no column for: reports show one where their cases differ in it.
const std::vector<Axis>& FurtherAxes();

// The case's value on each of them: what to sort by, and to tell variants apart by.
std::vector<AxisValue> FurtherValues(const Case& c);

}  // namespace tbench
