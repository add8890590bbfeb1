#pragma once

#include <vector>

#include "analysis/tables/table.h"
#include "analysis/verdicts/variants.h"

namespace tbench {

// A row a variant; steps in their order. Columns that would be empty are left out, and batch where all are alike.
// FLOPs are those that causality needs, whatever the variant executes: only so do they compare.
Table VariantTable(const std::vector<Variants>& steps);

}  // namespace tbench
