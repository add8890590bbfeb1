#pragma once

#include <vector>

#include "analysis/tables/table.h"
#include "analysis/verdicts/judged_case.h"
#include "analysis/verdicts/kernel_figures.h"

// The tables of the report, a row a case unless said otherwise. Columns that would be empty are left out; a table
// without rows means that there is nothing to show.
namespace tbench {

Table FailedTable(const std::vector<JudgedCase>& cases);  // failed cases, with their whole messages
Table ModelSizes(const std::vector<JudgedCase>& cases);   // a row a model: its numbers and its size
Table TimeTable(const std::vector<JudgedCase>& cases);    // failed cases with their reason in place of a median
Table WarmUpTable(const std::vector<JudgedCase>& cases);  // cases without warm-ups
Table TrialTable(const std::vector<JudgedCase>& cases);   // cases with outliers or a level shift
Table UtilisationTable(const std::vector<JudgedCase>& cases);
Table LaunchTable(const std::vector<JudgedCase>& cases);
Table PhaseTable(const std::vector<JudgedCase>& cases);   // cases of several phases
Table KernelTable(const std::vector<JudgedCase>& cases);  // profiled cases, shares of the kernels' time by class
Table MemoryTable(const std::vector<JudgedCase>& cases);
Table ClocksTable(const std::vector<JudgedCase>& cases);
Table CeilingTable(const Machine& machine);  // a row a ceiling
// A row a kernel; a failed one has its reason in place of a time.
Table FusedKernelTable(const std::vector<KernelFigure>& figures);

}  // namespace tbench
