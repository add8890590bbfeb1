// The charts whose rows are models and contexts.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "analysis/charts/chart_parts.h"
#include "analysis/charts/charts.h"
#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/kernel_class.h"

namespace tbench {
namespace {

constexpr double kRow = 19;           // pixels
constexpr double kHalfBar = 0.36;     // of a row
constexpr std::size_t kMaxRows = 24;  // in one chart
constexpr double kMinRest = 0.005;    // of a step: less than that, which phases leave, is not drawn

struct Part {
  std::string name;
  Ink ink;
};

// A case, and how long each part of its bar is, as a share of its step.
struct Stack {
  const JudgedCase* judged;
  std::vector<double> shares;
};

struct StackKind {
  std::string heading, whole;
  std::vector<Part> parts;
  std::optional<Stack> (*stack)(const JudgedCase&);  // nothing for a case without the figures
};

constexpr std::array<const char*, 3> kPhaseCounters{counters::kForward, counters::kBackward, counters::kOptimizer};

std::optional<Stack> PhaseStack(const JudgedCase& judged) {
  Stack stack{&judged, {}};
  double rest = 1;
  int phases = 0;
  for (const char* counter : kPhaseCounters) {
    const std::optional<double> median = MedianOf(judged.record, counter);
    phases += median ? 1 : 0;
    stack.shares.push_back(median.value_or(0) / MedianTimeUs(judged.record));
    rest -= stack.shares.back();
  }
  if (phases < 2) return std::nullopt;
  stack.shares.push_back(rest < kMinRest ? 0 : rest);
  return stack;
}

std::optional<Stack> KernelStack(const JudgedCase& judged) {
  const std::optional<double> idle = IdleShare(judged.record);
  Stack stack{&judged, {}};
  double sum = 0;
  for (const KernelClass kernels : KernelClasses()) {
    stack.shares.push_back(LastOf(judged.record, CounterOf(kernels)).value_or(0));
    sum += stack.shares.back();
  }
  if (!idle || sum <= 0) return std::nullopt;
  for (double& share : stack.shares) share *= (1 - *idle) / sum;
  stack.shares.push_back(*idle);
  return stack;
}

StackKind PhaseParts() {
  return {
      .heading = "Phases",
      .whole = "median step",
      .parts = {{"forward", Ink::kBlue}, {"backward", Ink::kOrange}, {"optimizer", Ink::kViolet}, {"rest", Ink::kIdle}},
      .stack = PhaseStack};
}

StackKind KernelParts() {
  constexpr std::array kInks{Ink::kBlue, Ink::kTeal,   Ink::kGreen, Ink::kGold, Ink::kOrange,
                             Ink::kPink, Ink::kViolet, Ink::kRed,   Ink::kMuted};
  StackKind kind{.heading = "Kernels", .whole = "step", .parts = {}, .stack = KernelStack};
  for (std::size_t i = 0; i < kInks.size(); ++i) kind.parts.push_back({NameOf(KernelClasses()[i]), kInks[i]});
  kind.parts.push_back({"idle", Ink::kIdle});
  return kind;
}

std::string RowName(const JudgedCase& judged) {
  return fmt::format("{} · {}", Shortened(judged.record.c.model, 14), judged.record.c.context);
}

// Rows from the top, named on the left; the x axis counts percent.
Plot RowsOf(const std::string& heading, const std::string& title, const CasePointers& cases, double high) {
  Plot plot{.name = Slug(heading + " " + title),
            .title = heading + ": " + title,
            .x = {.low = 0, .high = high, .ticks = LinearTicks(0, high, 5)},
            .y = {.low = double(cases.size()) - 0.5, .high = -0.5, .grid = false},
            .plot_height = kRow * double(cases.size())};
  for (std::size_t i = 0; i < cases.size(); ++i) plot.y.ticks.push_back({double(i), RowName(*cases[i])});
  return plot;
}

PlotBox Bar(double from, double to, std::size_t row) {
  return {{from, double(row) - kHalfBar}, {to, double(row) + kHalfBar}};
}

// Beyond the axis, on the right of a row.
PlotLabel RowEnd(const Plot& plot, std::size_t row, const std::string& text, Ink ink = Ink::kMuted) {
  return {.x = plot.x.high, .y = double(row), .text = text, .ink = ink, .dx = 6};
}

Series PartOf(const Part& part, std::size_t index, const std::vector<Stack>& stacks) {
  Series bars{.ink = part.ink};
  for (std::size_t row = 0; row < stacks.size(); ++row) {
    const std::vector<double>& shares = stacks[row].shares;
    if (shares[index] <= 0) continue;
    double from = 0;
    for (std::size_t i = 0; i < index; ++i) from += 100 * shares[i];
    bars.boxes.push_back(Bar(from, from + 100 * shares[index], row));
  }
  return bars;
}

std::string InWords(const Stack& stack, const std::vector<Part>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (stack.shares[i] > 0)
      text += fmt::format("{} {} {}", text.empty() ? ":" : ",", parts[i].name, Percent(stack.shares[i]));
  }
  return RowName(*stack.judged) + text;
}

Plot StackedChart(const StackKind& kind, const std::string& title, const std::vector<Stack>& stacks) {
  CasePointers cases;
  for (const Stack& stack : stacks) cases.push_back(stack.judged);
  Plot plot = RowsOf(kind.heading, title, cases, 100);
  plot.x.title = fmt::format("share of the {}, %", kind.whole);
  plot.right = TextWidth("1234.5 ms") + 8;
  for (std::size_t i = 0; i < kind.parts.size(); ++i) {
    Series bars = PartOf(kind.parts[i], i, stacks);
    if (bars.boxes.empty()) continue;
    plot.legend.push_back({kind.parts[i].name, kind.parts[i].ink, Mark::kSquare});
    plot.series.push_back(std::move(bars));
  }
  std::string alt;
  for (std::size_t row = 0; row < stacks.size(); ++row) {
    plot.labels.push_back(RowEnd(plot, row, Milliseconds(MedianTimeUs(cases[row]->record)) + " ms"));
    alt += (row == 0 ? "" : "; ") + InWords(stacks[row], kind.parts);
  }
  plot.alt = fmt::format("{} as shares of the {}, {}. {}.", kind.heading, kind.whole, title, alt);
  return plot;
}

std::string InWords(const JudgedCase& judged) {
  const ThroughputVerdict& throughput = *judged.throughput;
  std::string text = RowName(judged) + ":";
  if (throughput.of_ceiling) text += fmt::format(" {} of this run's ceiling", Percent(*throughput.of_ceiling));
  if (throughput.of_ceiling && throughput.of_peak) text += ",";
  if (throughput.of_peak) text += fmt::format(" {} of the data sheet", Percent(*throughput.of_peak));
  return text;
}

bool HasUtilisation(const JudgedCase& judged) {
  return judged.throughput && (judged.throughput->of_ceiling || judged.throughput->of_peak);
}

Plot UtilisationChart(const std::string& title, const CasePointers& cases, const ModelLooks& looks) {
  // Bars show the run's ceiling and marks the data sheet; where the run has no ceilings, bars show the data sheet.
  const bool has_ceiling =
      std::ranges::any_of(cases, [](const JudgedCase* judged) { return judged->throughput->of_ceiling.has_value(); });
  const auto bar = has_ceiling ? &ThroughputVerdict::of_ceiling : &ThroughputVerdict::of_peak;
  Series marks{.ink = Ink::kText, .mark = Mark::kDiamond, .mark_size = 3.1};
  double highest = 100;
  std::string alt;
  for (std::size_t row = 0; row < cases.size(); ++row) {
    const auto& peak = cases[row]->throughput->of_peak;
    if (has_ceiling && peak) marks.points.push_back({100 * *peak, double(row)});
    highest = std::max({highest, 100 * peak.value_or(0), 100 * cases[row]->throughput->of_ceiling.value_or(0)});
    alt += (row == 0 ? "" : "; ") + InWords(*cases[row]);
  }
  Plot plot = RowsOf("Utilisation", title, cases, std::ceil(highest / 10) * 10);
  plot.x.title = "share of the peak FLOP/s, %";
  plot.right = TextWidth("100 %") + 12;
  plot.rules.push_back({.vertical = true, .at = 100, .ink = Ink::kText, .front = true});
  plot.legend.push_back(
      {has_ceiling ? "of this run's ceiling" : "of the data sheet's peak", Ink::kMuted, Mark::kSquare});
  Groups<std::string, std::size_t> models;  // their rows
  for (std::size_t row = 0; row < cases.size(); ++row) {
    if (cases[row]->throughput.value().*bar) models.Add(cases[row]->record.c.model, row);
  }
  for (const auto& [model, rows] : models) {
    Series bars{.ink = looks.at(model).ink};
    for (const std::size_t row : rows) {
      const double share = (cases[row]->throughput.value().*bar).value();
      bars.boxes.push_back(Bar(0, 100 * share, row));
      plot.labels.push_back(RowEnd(plot, row, Percent(share), share > 1 ? Ink::kRed : Ink::kMuted));
    }
    plot.series.push_back(std::move(bars));
  }
  if (!marks.points.empty()) {
    plot.legend.push_back({"of the data sheet's peak", Ink::kText, Mark::kDiamond});
    Series ground = marks;  // lifts it off the bar
    ground.ink = Ink::kGround;
    ground.mark_size = 5.4;
    plot.series.push_back(std::move(ground));
    plot.series.push_back(std::move(marks));
  }
  plot.alt = fmt::format("Utilisation, {}. {}.", title, alt);
  return plot;
}

std::vector<Plot> StackedCharts(const StackKind& kind, const std::vector<JudgedCase>& cases) {
  const PanelTitles titles(cases);
  const std::vector<JudgedCase> warm = MostWarmedUp(cases);
  Groups<std::string, Stack> panels;
  for (const JudgedCase* judged : Drawn(warm)) {
    if (const std::optional<Stack> stack = kind.stack(*judged)) panels.Add(titles.Of(*judged), *stack);
  }
  std::vector<Plot> charts;
  for (const auto& [title, stacks] : panels) {
    for (const auto& part : InParts(stacks, kMaxRows)) charts.push_back(StackedChart(kind, title, part));
  }
  return charts;
}

}  // namespace

std::vector<Plot> UtilisationCharts(const std::vector<JudgedCase>& cases) {
  const PanelTitles titles(cases);
  const ModelLooks looks = LooksOf(cases);
  const std::vector<JudgedCase> warm = MostWarmedUp(cases);
  Groups<std::string, const JudgedCase*> panels;
  for (const JudgedCase* judged : Drawn(warm)) {
    if (HasUtilisation(*judged)) panels.Add(titles.Of(*judged), judged);
  }
  std::vector<Plot> charts;
  for (const auto& [title, some] : panels) {
    for (const CasePointers& part : InParts(some, kMaxRows)) charts.push_back(UtilisationChart(title, part, looks));
  }
  return charts;
}

std::vector<Plot> PhaseCharts(const std::vector<JudgedCase>& cases) { return StackedCharts(PhaseParts(), cases); }

std::vector<Plot> KernelCharts(const std::vector<JudgedCase>& cases) { return StackedCharts(KernelParts(), cases); }

}  // namespace tbench
