#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/document.h"
#include "analysis/record.h"

// Pictures of records, as small multiples: one chart a pass and a variant, which is the axes beyond model, context and
// warm-ups of which the records have more than one value. A model has the same colour and point in all of them. Failed
// cases are left out, and a chart without data is not made. Where only one number of warm-ups is shown, it is the
// largest that was measured.
namespace tbench {

// Median time of a step against context length, a line a model; both axes are logarithmic, times the same in all.
std::vector<Chart> TimeCharts(const std::vector<Record>& records);

// The cases with 0 warm-ups: each trial over the median of the case's second half, a line a model, one chart a context.
std::vector<Chart> WarmupCharts(const std::vector<Record>& records);

// Every trial as a dot in the order of measurement, with each case's median: one chart a model, more where it has more
// than nine cases.
std::vector<Chart> TrialCharts(const std::vector<Record>& records);

// Shares of a peak, 1 is all of it; what is not known is absent.
struct Utilisation {
  std::optional<double> of_run;  // of the ceiling that the same run measured
  std::optional<double> of_data_sheet;
};

// A bar a model and context, as long as its share of this run's ceiling, and a mark at its share of the data sheet's
// peak. `utilisations` are those of the records, in their order.
std::vector<Chart> UtilisationCharts(const std::vector<Record>& records, const std::vector<Utilisation>& utilisations);

// Forward, backward and optimizer as shares of a step: medians over the trials, and what they leave of the median step.
// Only of cases that have more than one phase.
std::vector<Chart> PhaseCharts(const std::vector<Record>& records);

// GPU time by class of kernel beside the time without any, as shares of the median step. Of the profiled step only the
// time in kernels is used, since profiling makes the host slower. Kernels that overlap are scaled to the busy time.
std::vector<Chart> KernelCharts(const std::vector<Record>& records);

// Charts in the sections of a report: each list goes to the end of the section with that heading, and a section that
// the document lacks is not made.
struct SectionCharts {
  std::string heading;
  std::vector<Chart> charts;
};

// All of the above, each under its heading: Time, Warm-up, Trials, Utilisation, Where the time goes.
std::vector<SectionCharts> ReportCharts(const std::vector<Record>& records,
                                        const std::vector<Utilisation>& utilisations);

}  // namespace tbench
