#include "analysis/report/report_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include "analysis/charts/charts.h"
#include "analysis/charts/gnuplot.h"
#include "analysis/report/report.h"

namespace tbench {
namespace {

struct SectionCharts {
  std::string_view heading;
  std::vector<Chart> (*charts)(const std::vector<JudgedCase>&);
};

constexpr std::array kSections{
    SectionCharts{kTimeSection, TimeCharts},    SectionCharts{kWarmUpSection, WarmUpCharts},
    SectionCharts{kTrialsSection, TrialCharts}, SectionCharts{kUtilisationSection, UtilisationCharts},
    SectionCharts{kPhasesSection, PhaseCharts}, SectionCharts{kKernelsSection, KernelCharts},
};

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
    ChartRow row{make_charts(cases)};
    if (row.charts.empty()) continue;
    for (Chart& chart : row.charts) {
      if (const int count = ++seen[chart.name]; count > 1) chart.name += fmt::format("-{}", count);
    }
    const auto place = std::find_if(std::next(section), document.blocks.end(),
                                    [](const Block& block) { return !std::holds_alternative<Paragraph>(block); });
    document.blocks.insert(place, std::move(row));
  }
}

std::map<std::string, std::string> DrawCharts(Document& document, std::vector<std::string>& problems,
                                              const std::string& gnuplot) {
  std::map<std::string, std::string> svgs;
  bool missing = false;
  for (Block& block : document.blocks) {
    auto* const row = std::get_if<ChartRow>(&block);
    if (row == nullptr) continue;
    std::erase_if(row->charts, [&](const Chart& chart) {
      if (missing) return true;
      try {
        const std::optional<std::string> svg = DrawChart(chart, {.program = gnuplot});
        if (svg) svgs.emplace(chart.name, *svg);
        missing = !svg;
        return missing;
      } catch (const std::runtime_error& error) {
        problems.emplace_back(error.what());
        return true;
      }
    });
  }
  if (missing) problems.push_back(fmt::format("no charts: '{}' is not installed; its package is gnuplot-nox", gnuplot));
  std::erase_if(document.blocks, [](const Block& block) {
    const auto* const row = std::get_if<ChartRow>(&block);
    return row != nullptr && row->charts.empty();
  });
  return svgs;
}

}  // namespace tbench
