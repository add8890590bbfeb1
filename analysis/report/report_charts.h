#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/tables/document.h"
#include "analysis/verdicts/judged_case.h"

namespace tbench {

// All charts of the cases in the sections of MakeReport's document that they belong to, each after the section's words
// and before its table. Names of charts are unique. A section that the document lacks gets none.
void AddCharts(Document& document, const std::vector<JudgedCase>& cases);

// Draws the document's charts by gnuplot: SVG by the chart's name. One that cannot be drawn is taken out of the
// document and told in `problems`; where there is no gnuplot, so are all, and that is one problem.
std::map<std::string, std::string> DrawCharts(Document& document, std::vector<std::string>& problems,
                                              const std::string& gnuplot = "gnuplot");

}  // namespace tbench
