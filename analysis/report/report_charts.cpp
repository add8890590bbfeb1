#include "analysis/report/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <variant>

#include "analysis/charts/charts.h"
#include "analysis/charts/svg.h"
#include "analysis/report/report.h"

namespace tbench {
namespace {

struct SectionCharts {
  std::string_view heading;
  std::vector<Plot> (*charts)(const std::vector<JudgedCase>&);
};

constexpr std::array kSections{
    SectionCharts{kTimeSection, TimeCharts},    SectionCharts{kWarmUpSection, WarmUpCharts},
    SectionCharts{kTrialsSection, TrialCharts}, SectionCharts{kUtilisationSection, UtilisationCharts},
    SectionCharts{kPhasesSection, PhaseCharts}, SectionCharts{kKernelsSection, KernelCharts},
};

// Of one section: a page that browsers open.
constexpr std::size_t kMostCharts = 30;

std::vector<Block>::iterator FindSection(std::vector<Block>& blocks, std::string_view section) {
  return std::ranges::find_if(blocks, [&](const Block& block) {
    const auto* const heading = std::get_if<Heading>(&block);
    return heading != nullptr && heading->text == section;
  });
}

}  // namespace

void AddCharts(Document& document, const std::vector<JudgedCase>& cases) {
  std::map<std::string, int> seen;  // different titles may have one slug
  for (const auto& [heading, make_charts] : kSections) {
    const auto section = FindSection(document.blocks, heading);
    if (section == document.blocks.end()) continue;
    ChartRow row;
    const std::vector<Plot> plots = make_charts(cases);
    for (const Plot& plot : std::span(plots).first(std::min(plots.size(), kMostCharts))) {
      const int count = ++seen[plot.name];
      row.charts.push_back({.name = count > 1 ? fmt::format("{}-{}", plot.name, count) : plot.name,
                            .alt = plot.alt,
                            .svg = ToSvg(plot)});
    }
    if (row.charts.empty()) continue;
    const auto place = std::find_if(std::next(section), document.blocks.end(),
                                    [](const Block& block) { return !std::holds_alternative<Paragraph>(block); });
    const auto charts = document.blocks.insert(place, std::move(row));
    if (plots.size() > kMostCharts) {
      document.blocks.insert(
          charts, Paragraph{fmt::format("The first {} of {} charts: a page with all of them would be too large. "
                                        "A report of fewer cases shows theirs.",
                                        kMostCharts, plots.size())});
    }
  }
}

}  // namespace tbench
