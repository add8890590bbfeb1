#pragma once

#include <string_view>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "analysis/tables/document.h"
#include "analysis/verdicts/judged_case.h"

namespace tbench {

// Runs as they were read, and what is judged of them.
struct JudgedRuns {
  std::vector<RunFile> runs;
  Records records;
  std::vector<Machine> machines;  // of the runs, in their order
  std::vector<JudgedCase> cases;
};

// `records` are those of ToRecords(runs).
JudgedRuns JudgeRuns(const std::vector<RunFile>& runs, const Records& records);

// The report of what the runs measured: verdicts first, worst first, then what ran where, then tables. A section that
// has nothing to show is left out.
Document MakeReport(const JudgedRuns& judged);

// Where peers were measured on other hardware than the cases that they stand beside: a sentence that names both.
// Empty where they were not.
std::string HardwareWarning(const std::vector<RunFile>& runs, const Records& records);

// Headings of the sections that charts belong to.
inline constexpr std::string_view kTimeSection = "Time";
inline constexpr std::string_view kWarmUpSection = "Warm-up";
inline constexpr std::string_view kTrialsSection = "Trials";
inline constexpr std::string_view kUtilisationSection = "Utilisation";
inline constexpr std::string_view kWhereSection = "Where the time goes";
inline constexpr std::string_view kPhasesSection = "Phases";    // of kWhereSection
inline constexpr std::string_view kKernelsSection = "Kernels";  // of kWhereSection

// The operations by themselves; kKernelsSection is about those of a step.
inline constexpr std::string_view kFusedKernelsSection = "Fused kernels";

}  // namespace tbench
