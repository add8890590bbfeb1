#pragma once

#include <string>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/tables/table.h"

// The report of the published table: a row a case, mean and sample deviation of its trials in milliseconds. Axes that
// the published table lacks become columns where the records have more than one value of them.
namespace tbench {

// The whole summary.md: results, the same by model, by pass, by warm-ups, statistics over the rows. A failed case keeps
// its row, with the kind of its error for a mean, and is left out of the statistics.
std::string MakeSummary(const std::vector<Record>& records);

// Its first table, to two decimals.
Table CompleteResults(const std::vector<Record>& records);

// The same with all digits of the means and deviations, for programs.
Table CompleteResultsUnrounded(const std::vector<Record>& records);

// Every trial of the cases that did not fail, one a row; `trial` counts from 0.
Table TrialsTable(const std::vector<Record>& records);

}  // namespace tbench
