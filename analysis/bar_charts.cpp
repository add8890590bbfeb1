// The charts whose rows are models and contexts.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <map>

#include "analysis/chart_parts.h"
#include "analysis/charts.h"
#include "analysis/statistics.h"

namespace tbench {
namespace {

constexpr double kRow = 19;            // pixels
constexpr double kHalfBar = 0.36;      // of a row
constexpr std::size_t kMostRows = 24;  // in one chart
constexpr double kLeastRest = 0.005;   // of a step: what the phases leave is told from this on

struct Part {
  std::string_view counter, name;
  Ink ink;
};

constexpr std::string_view kRest = "rest", kIdleName = "idle";

constexpr std::array kPhases{Part{"forward_us", "forward", Ink::kBlue}, Part{"backward_us", "backward", Ink::kOrange},
                             Part{"optimizer_us", "optimizer", Ink::kViolet}, Part{"", kRest, Ink::kIdle}};

constexpr std::array kKernelClasses{Part{"profile_matmul_us", "matmul", Ink::kBlue},
                                    Part{"profile_attention_us", "attention", Ink::kTeal},
                                    Part{"profile_softmax_us", "softmax", Ink::kGreen},
                                    Part{"profile_norm_us", "norm", Ink::kGold},
                                    Part{"profile_elementwise_us", "elementwise", Ink::kOrange},
                                    Part{"profile_reduction_us", "reduction", Ink::kPink},
                                    Part{"profile_optimizer_us", "optimizer", Ink::kViolet},
                                    Part{"profile_copy_us", "copy", Ink::kRed},
                                    Part{"profile_other_us", "other", Ink::kMuted},
                                    Part{"", kIdleName, Ink::kIdle}};

// A record with a share for each part, in the parts' order.
struct Stack {
  const Record* record;
  std::vector<double> shares;
};

double Median(const Record& record, std::string_view counter) {
  std::vector<double> values;
  for (const TimedTrial& trial : record.trials) {
    if (const auto found = trial.counters.find(std::string(counter)); found != trial.counters.end()) {
      values.push_back(found->second);
    }
  }
  return Quantile(values, 0.5);
}

// Nothing for a case with a single phase: it says nothing that the time does not.
std::optional<Stack> PhaseStack(const Record& record) {
  const double step = Quantile(Times(record, 1), 0.5);
  Stack stack{&record, {}};
  double told = 0;
  int phases = 0;
  for (const Part& phase : kPhases) {
    if (phase.counter.empty()) continue;
    const double median = Median(record, phase.counter);
    stack.shares.push_back(std::isfinite(median) ? median / step : 0);
    told += stack.shares.back();
    phases += std::isfinite(median) ? 1 : 0;
  }
  if (phases < 2) return std::nullopt;
  stack.shares.push_back(1 - told < kLeastRest ? 0 : 1 - told);
  return stack;
}

std::optional<Stack> KernelStack(const Record& record) {
  const auto& counters = record.trials.back().counters;
  const auto busy = counters.find("profile_busy_us");
  if (busy == counters.end()) return std::nullopt;
  Stack stack{&record, {}};
  double sum = 0;
  for (const Part& part : kKernelClasses) {
    if (part.counter.empty()) continue;
    const auto found = counters.find(std::string(part.counter));
    stack.shares.push_back(found == counters.end() ? 0 : found->second);
    sum += stack.shares.back();
  }
  if (sum <= 0) return std::nullopt;
  const double busy_share = std::min(1.0, busy->second / Quantile(Times(record, 1), 0.5));
  for (double& share : stack.shares) share *= busy_share / sum;
  stack.shares.push_back(1 - busy_share);
  return stack;
}

std::string RowLabel(const Record& record) {
  return fmt::format("{} · {}", Shortened(record.c.model, 14), record.c.context);
}

// Rows from the top, named on the left; the x axis is a share in percent.
template <class Row>
Plot RowsOf(const std::string& title, const std::vector<Row>& rows, double highest_percent) {
  const double high = std::max(100.0, highest_percent);
  Plot plot{.title = title,
            .x = {.low = 0, .high = high, .ticks = LinearTicks(0, high, 5)},
            .y = {.low = double(rows.size()) - 0.5, .high = -0.5, .grid = false},
            .plot_height = kRow * double(rows.size())};
  for (std::size_t i = 0; i < rows.size(); ++i) plot.y.ticks.push_back({double(i), RowLabel(*rows[i].record)});
  return plot;
}

// Of gnuplot's boxxyerror: the bar's middle and its edges.
std::vector<double> Bar(double from, double to, std::size_t row) {
  const double y = double(row);
  return {(from + to) / 2, y, from, to, y - kHalfBar, y + kHalfBar};
}

Chart StackedChart(const std::string& heading, const std::string& name, const std::string& title,
                   const std::vector<Stack>& stacks, std::span<const Part> parts) {
  Plot plot = RowsOf(fmt::format("{}: {}", heading, title), stacks, 100);
  plot.x.title = "share of the median step, %";
  plot.right = TextWidth("1234 ms") + 12;
  std::string alt = fmt::format("{}, {}, as shares of a step. ", heading, title);
  std::vector<double> begins(stacks.size(), 0);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    Series bars{"boxxyerror", parts[part].ink, {}};
    for (std::size_t row = 0; row < stacks.size(); ++row) {
      const double percent = 100 * stacks[row].shares[part];
      if (percent <= 0) continue;
      bars.rows.push_back(Bar(begins[row], begins[row] + percent, row));
      begins[row] += percent;
    }
    if (bars.rows.empty()) continue;
    plot.legend.push_back({std::string(parts[part].name), parts[part].ink, kSquare});
    plot.series.push_back(std::move(bars));
  }
  // A hair of the ground between neighbours.
  Series gaps{"vectors nohead linewidth 1", Ink::kGround, {}};
  for (std::size_t row = 0; row < stacks.size(); ++row) {
    const auto& [record, shares] = stacks[row];
    double at = 0;
    alt += fmt::format("{}{}:", row == 0 ? "" : "; ", RowLabel(*record));
    bool first = true;
    for (std::size_t part = 0; part < parts.size(); ++part) {
      if (shares[part] <= 0) continue;
      if (!first) gaps.rows.push_back({at, double(row) - kHalfBar, 0, 2 * kHalfBar});
      at += 100 * shares[part];
      alt += fmt::format("{} {} {:.0f} %", first ? "" : ",", parts[part].name, 100 * shares[part]);
      first = false;
    }
    plot.labels.push_back({.x = 100,
                           .y = double(row),
                           .text = MillisecondsText(MedianMilliseconds(*record)),
                           .ink = Ink::kMuted,
                           .dx = 6});
  }
  if (!gaps.rows.empty()) plot.series.push_back(std::move(gaps));
  return ToChart(plot, fmt::format("{} {}", name, title), alt + ".");
}

struct Usage {
  const Record* record;
  Utilisation share;
};

Chart UtilisationChart(const std::string& title, const std::vector<Usage>& usages,
                       const std::vector<ModelLook>& looks) {
  double highest = 0;
  bool any_run = false, any_sheet = false;
  for (const Usage& usage : usages) {
    for (const auto& share : {usage.share.of_run, usage.share.of_data_sheet})
      highest = std::max(highest, 100 * share.value_or(0));
    any_run |= usage.share.of_run.has_value();
    any_sheet |= usage.share.of_data_sheet.has_value();
  }
  Plot plot = RowsOf("Utilisation: " + title, usages, std::ceil(highest / 10) * 10);
  plot.x.title = "share of the peak FLOP/s, %";
  plot.right = TextWidth("100 %") + 12;
  if (any_run) plot.legend.push_back({"of this run's own ceiling (bar)", Ink::kMuted, kSquare});
  if (any_sheet) plot.legend.push_back({"of the data sheet", Ink::kText, kDiamond});
  plot.rules.push_back({.vertical = true, .at = 100, .ink = Ink::kText, .front = true});
  Series sheet{"points pointtype 13 pointsize 1", Ink::kText, {}};
  std::string alt = fmt::format("Utilisation, {}. ", title);
  for (const ModelLook& look : looks) {
    Series bars{"boxxyerror", look.ink, {}};
    for (std::size_t row = 0; row < usages.size(); ++row) {
      const auto& [record, share] = usages[row];
      if (record->c.model == look.model && share.of_run) bars.rows.push_back(Bar(0, 100 * *share.of_run, row));
    }
    if (!bars.rows.empty()) plot.series.push_back(std::move(bars));
  }
  for (std::size_t row = 0; row < usages.size(); ++row) {
    const auto& [record, share] = usages[row];
    alt += fmt::format("{}{}:", row == 0 ? "" : "; ", RowLabel(*record));
    if (share.of_run) alt += fmt::format(" {:.0f} % of this run's ceiling", 100 * *share.of_run);
    if (share.of_data_sheet) {
      alt += fmt::format("{} {:.0f} % of the data sheet", share.of_run ? "," : "", 100 * *share.of_data_sheet);
      sheet.rows.push_back({100 * *share.of_data_sheet, double(row)});
    }
    const double shown = 100 * (share.of_run ? *share.of_run : *share.of_data_sheet);
    plot.labels.push_back(
        {.x = plot.x.high, .y = double(row), .text = fmt::format("{:.0f} %", shown), .ink = Ink::kMuted, .dx = 6});
  }
  if (!sheet.rows.empty()) {
    plot.series.push_back({"points pointtype 13 pointsize 1.6", Ink::kGround, sheet.rows});  // lifts it from the bar
    plot.series.push_back(std::move(sheet));
  }
  return ToChart(plot, "utilisation " + title, alt + ".");
}

// Panels of at most kMostRows rows.
template <class Row>
Groups<std::string, Row> InPanels(const std::vector<Row>& rows, const std::vector<Record>& records) {
  Groups<std::string, Row> whole, panels;
  for (const Row& row : rows) AddToGroup(whole, PanelTitle(*row.record, records), row);
  for (const auto& [title, all] : whole) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (i % kMostRows == 0) panels.emplace_back(title, std::vector<Row>());
      panels.back().second.push_back(all[i]);
    }
  }
  return panels;
}

template <class ToStack>
std::vector<Chart> StackedCharts(const std::vector<Record>& records, const std::string& heading,
                                 const std::string& name, std::span<const Part> parts, const ToStack& to_stack) {
  std::vector<Stack> stacks;
  for (const Record* record : MostWarmedUp(Drawn(records))) {
    if (std::optional<Stack> stack = to_stack(*record)) stacks.push_back(std::move(*stack));
  }
  std::vector<Chart> charts;
  for (const auto& [title, rows] : InPanels(stacks, records)) {
    charts.push_back(StackedChart(heading, name, title, rows, parts));
  }
  return charts;
}

}  // namespace

std::vector<Chart> UtilisationCharts(const std::vector<Record>& records, const std::vector<Utilisation>& utilisations) {
  std::vector<Usage> usages;
  for (const Record* record : MostWarmedUp(Drawn(records))) {
    const Utilisation& share = utilisations[std::size_t(record - records.data())];
    if (share.of_run || share.of_data_sheet) usages.push_back({record, share});
  }
  const std::vector<ModelLook> looks = ModelLooks(records);
  std::vector<Chart> charts;
  for (const auto& [title, rows] : InPanels(usages, records)) charts.push_back(UtilisationChart(title, rows, looks));
  return charts;
}

std::vector<Chart> PhaseCharts(const std::vector<Record>& records) {
  return StackedCharts(records, "Phases", "phases", kPhases, PhaseStack);
}

std::vector<Chart> KernelCharts(const std::vector<Record>& records) {
  return StackedCharts(records, "Kernels", "kernels", kKernelClasses, KernelStack);
}

}  // namespace tbench
