#pragma once

#include <vector>

#include "analysis/charts/plot.h"
#include "analysis/verdicts/judged_case.h"

// Pictures of judged cases (sorted as Judge leaves them), as small multiples: a chart a pass and a variant, which is
// the axes beyond model, context and warm-ups in which the cases differ. A model has the same colour and point in all
// of them. Failed cases are left out, and a chart without data is not made. Where a case is shown once, it is the one
// with the most warm-ups.
namespace tbench {

// Median time of a step against context length, a line a model; both axes are logarithmic, times the same in all.
std::vector<Plot> TimeCharts(const std::vector<JudgedCase>& cases);

// Cases without warm-ups: each trial over the steady time of the verdict, a line a model, a chart a context.
std::vector<Plot> WarmUpCharts(const std::vector<JudgedCase>& cases);

// Every trial as a dot in the order of measurement, with each case's median: a chart a model, more where it has more
// than twelve cases.
std::vector<Plot> TrialCharts(const std::vector<JudgedCase>& cases);

// A bar a model and context, as long as its share of this run's ceiling, and a mark at its share of the data sheet's
// peak. Where the run measured no ceiling, the bar is the share of the data sheet's.
std::vector<Plot> UtilisationCharts(const std::vector<JudgedCase>& cases);

// Forward, backward and optimizer as shares of a step: medians over the trials, and what they leave of the median step.
// Only of cases that have more than one phase.
std::vector<Plot> PhaseCharts(const std::vector<JudgedCase>& cases);

// GPU time by class of kernel beside the time without any (IdleShare), as shares of a step. Kernels that overlap are
// scaled to the busy time.
std::vector<Plot> KernelCharts(const std::vector<JudgedCase>& cases);

}  // namespace tbench
