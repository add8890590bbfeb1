#pragma once

#include <cstddef>
#include <vector>

#include "benchmarks/names/case.h"

namespace tbench {

// Axes that the published table has no column for: reports show one where their cases differ in it.
std::vector<Axis> FurtherAxes();

// The case's place on each of them, in the order of the axis's values: what to sort by.
std::vector<std::ptrdiff_t> FurtherPlaces(const Case& c);

}  // namespace tbench
