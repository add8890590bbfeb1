#pragma once

#include <vector>

#include "analysis/tables/document.h"
#include "analysis/verdicts/judged_case.h"

namespace tbench {

// All charts of the cases in the sections of MakeReport's document that they belong to, each after the section's words
// and before its table. Names of charts are unique. A section that the document lacks gets none.
void AddCharts(Document& document, const std::vector<JudgedCase>& cases);

}  // namespace tbench
