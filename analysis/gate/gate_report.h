#pragma once

#include <string>

#include "analysis/gate/comparison.h"

// The gate's findings for people. Cases are called by what tells them from the others of both runs.
namespace tbench {

// "Failed: 3 of 60 cases are worse: 2 slower, 1 newly failing."
std::string Headline(const Comparison& comparison, const GateOptions& options);

// For a terminal of 80 columns: the runs, what differs between them, every case that is not the same, the headline.
std::string ToText(const Comparison& comparison, const GateOptions& options);

// For a pull request, in Markdown: the headline, worse cases, faster ones, the others, how slower ones were measured
// again, what differs between the runs.
std::string ToMarkdown(const Comparison& comparison, const GateOptions& options);

}  // namespace tbench
