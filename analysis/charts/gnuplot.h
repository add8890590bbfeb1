#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "analysis/tables/document.h"

namespace tbench {

struct GnuplotOptions {
  std::string program = "gnuplot";  // PATH is searched
  std::chrono::milliseconds time_limit{20'000};
};

// The chart as the system's gnuplot draws it: an SVG document in the colours of the theme, light and dark, the same
// bytes every time. Nothing where that program is not installed. Throws std::runtime_error that names the chart and
// brings gnuplot's own words where it fails or takes longer than the limit.
std::optional<std::string> DrawChart(const Chart& chart, const GnuplotOptions& options = {});

}  // namespace tbench
