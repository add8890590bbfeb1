#include "analysis/charts.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <map>

#include "analysis/chart_parts.h"
#include "analysis/statistics.h"

namespace tbench {
namespace {

constexpr double kLabelGap = 13;       // pixels between the baselines of labels that stand one below the other
constexpr double kLogFrom = 3;         // an axis is logarithmic where its largest value is this many times its smallest
constexpr double kLeastSpread = 0.05;  // of the median: noise below that fills no chart
constexpr std::size_t kLeastTrials = 4;   // of which a half can be called steady
constexpr std::size_t kMostColumns = 12;  // cases in one chart of trials

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

// With room around the values.
PlotAxis LogAxis(const Extent& extent, double room) {
  return {.low = extent.low / room, .high = extent.high * room, .log = true};
}

std::vector<std::string> ModelsOf(const std::vector<const Record*>& records) {
  std::vector<std::string> models;
  for (const Record* record : records) {
    if (std::ranges::find(models, record->c.model) == models.end()) models.push_back(record->c.model);
  }
  return models;
}

// Moves labels apart, up and down, until no two are closer than the gap. `offsets` are from where each would stand.
std::vector<double> Apart(const std::vector<double>& wanted, double top, double bottom) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return wanted[i]; });
  std::vector<double> placed(wanted.size());
  double next = top;
  for (const std::size_t i : order) {
    placed[i] = std::max(wanted[i], next);
    next = placed[i] + kLabelGap;
  }
  double last = bottom;
  for (auto i = order.rbegin(); i != order.rend(); ++i) {
    placed[*i] = std::min(placed[*i], last);
    last = placed[*i] - kLabelGap;
  }
  return placed;
}

Chart TimeChart(const std::string& title, const std::vector<const Record*>& records,
                const std::vector<ModelLook>& looks, const Extent& times) {
  Extent contexts;
  std::vector<std::int64_t> lengths;
  for (const Record* record : records) {
    contexts.Add(double(record->c.context));
    lengths.push_back(record->c.context);
  }
  std::ranges::sort(lengths);
  const auto repeated = std::ranges::unique(lengths);
  lengths.erase(repeated.begin(), repeated.end());

  Plot plot{.title = "Time of a step: " + title, .x = LogAxis(contexts, 1.07), .y = LogAxis(times, 1.25)};
  plot.y.title = "median, ms";
  plot.y.ticks = LogTicks(plot.y.low, plot.y.high);
  plot.x.high = contexts.high * 1.02;
  plot.x.title = "context length, tokens";
  plot.x.grid = false;
  double last_tick = -kLabelGap * 10;
  for (const std::int64_t length : lengths) {
    Tick tick{double(length), fmt::format("{}", length)};
    const double at = PixelX(plot, tick.at), half = TextWidth(tick.text) / 2;
    if (at - half < last_tick + 6) tick.text.clear();  // the point is there all the same
    if (!tick.text.empty()) last_tick = at + half;
    plot.x.ticks.push_back(tick);
  }

  const std::vector<std::string> models = ModelsOf(records);
  std::vector<double> wanted;
  std::vector<std::pair<double, double>> ends;
  std::string alt = fmt::format("Median time of a step against context length, {}. ", title);
  for (const std::string& model : models) {
    const ModelLook& look = LookOf(looks, model);
    std::vector<std::vector<double>> line;
    for (const Record* record : records) {
      if (record->c.model == model) line.push_back({double(record->c.context), MedianMilliseconds(*record)});
    }
    alt += fmt::format("{}{}: {} at {}", model == models.front() ? "" : "; ", model, MillisecondsText(line.front()[1]),
                       line.front()[0]);
    if (line.size() > 1) alt += fmt::format(", {} at {}", MillisecondsText(line.back()[1]), line.back()[0]);
    ends.emplace_back(line.back()[0], line.back()[1]);
    plot.right = std::max(plot.right, TextWidth(Shortened(model, 16)) + 18);
    plot.series.push_back({fmt::format("linespoints linewidth 2 pointtype {} pointsize 0.9", int(look.point)), look.ink,
                           std::move(line)});
  }
  for (const auto& [x, y] : ends) wanted.push_back(PixelY(plot, y));
  const std::vector<double> placed = Apart(wanted, PixelY(plot, plot.y.high), PixelY(plot, plot.y.low));
  for (std::size_t i = 0; i < models.size(); ++i) {
    const ModelLook& look = LookOf(looks, models[i]);
    plot.labels.push_back({.x = ends[i].first,
                           .y = ends[i].second,
                           .text = Shortened(models[i], 16),
                           .ink = look.ink,
                           .dx = 9,
                           .dy = placed[i] - wanted[i]});
  }
  return ToChart(plot, "time " + title, alt + ".");
}

// Each trial over the median of the second half, the steady state.
std::vector<std::vector<double>> WarmupLine(const Record& record) {
  const std::vector<double> times = Times(record, 1000);
  const double steady = Quantile(std::span(times).subspan(times.size() / 2), 0.5);
  std::vector<std::vector<double>> line;
  for (std::size_t i = 0; i < times.size(); ++i) line.push_back({double(i + 1), times[i] / steady});
  return line;
}

std::string RatioText(double ratio) { return fmt::format("{:.{}f}×", ratio, ratio < 9.95 ? 1 : 0); }

Chart WarmupChart(const std::string& title, const std::vector<const Record*>& records,
                  const std::vector<ModelLook>& looks, const Extent& ratios) {
  std::size_t trials = 0;
  for (const Record* record : records) trials = std::max(trials, record->trials.size());
  Plot plot{.title = "No warm-up: " + title,
            .legend = Legend(looks, ModelsOf(records)),
            .x = {.low = 0.6, .high = double(trials) + 0.4, .grid = false}};
  plot.x.title = "trial";
  for (const Tick& tick : LinearTicks(1, double(trials), 10)) {
    if (tick.at == std::floor(tick.at)) plot.x.ticks.push_back(tick);
  }
  const double low = std::min(ratios.low, 1.0), high = std::max(ratios.high, 1.05);
  plot.y = high / low > kLogFrom ? LogAxis({low, high}, 1.15)
                                 : PlotAxis{.low = low - 0.05 * (high - low), .high = high + 0.05 * (high - low)};
  plot.y.title = "× the steady time";
  plot.y.ticks = plot.y.log ? LogTicks(plot.y.low, plot.y.high) : LinearTicks(plot.y.low, plot.y.high, 5);
  plot.rules.push_back({.at = 1});
  std::string alt = fmt::format("Trials without warm-up over the steady time, {}. First trial: ", title);
  for (const Record* record : records) {
    const ModelLook& look = LookOf(looks, record->c.model);
    std::vector<std::vector<double>> line = WarmupLine(*record);
    alt += fmt::format("{}{} {}", record == records.front() ? "" : ", ", record->c.model, RatioText(line.front()[1]));
    plot.series.push_back({fmt::format("linespoints linewidth 1.5 pointtype {} pointsize 0.8", int(look.point)),
                           look.ink, std::move(line)});
  }
  return ToChart(plot, "warmup " + title, alt + ".");
}

// Columns of cases, those of one context beside each other.
Chart TrialChart(const std::string& title, const std::vector<const Record*>& records,
                 const std::vector<ModelLook>& looks) {
  const ModelLook& look = LookOf(looks, records.front()->c.model);
  Plot plot{.title = Shortened(look.model, 24) + ", " + title,
            .x = {.low = -0.6, .high = double(records.size()) - 0.4, .grid = false},
            .left = TextWidth("warm-ups") + 8,
            .below = 15};
  Series dots{"points pointtype 7 pointsize 0.42", look.ink, {}},
      medians{"vectors nohead linewidth 1.5", Ink::kText, {}};
  Extent extent;
  double largest_median = 0;
  Groups<std::int64_t, double> contexts;
  std::string alt = fmt::format("Every trial of {}, {}. Medians: ", look.model, title);
  for (std::size_t column = 0; column < records.size(); ++column) {
    const Record& record = *records[column];
    const double x = double(column), median = MedianMilliseconds(record);
    largest_median = std::max(largest_median, median);
    const std::vector<double> times = Times(record, 1000);
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double place = times.size() == 1 ? 0 : double(i) / double(times.size() - 1) - 0.5;
      dots.rows.push_back({x + 0.76 * place, times[i]});
      extent.Add(times[i]);
    }
    medians.rows.push_back({x - 0.44, median, 0.88, 0});
    AddToGroup(contexts, record.c.context, x);
    plot.x.ticks.push_back({x, fmt::format("{}", record.c.warmups)});
    alt += fmt::format("{}context {}, {} warm-ups {}", column == 0 ? "" : "; ", record.c.context, record.c.warmups,
                       MillisecondsText(median));
  }
  if (extent.high / extent.low > kLogFrom) {
    plot.y = LogAxis(extent, 1.15);
    plot.y.ticks = LogTicks(plot.y.low, plot.y.high);
  } else {
    const double room = std::max(0.06 * (extent.high - extent.low), kLeastSpread * largest_median);
    plot.y.low = std::max(0.0, extent.low - room);
    plot.y.high = extent.high + room;
    plot.y.ticks = LinearTicks(plot.y.low, plot.y.high, 5);
  }
  plot.y.title = plot.y.log ? "ms, logarithmic" : "ms";
  for (const auto& [context, columns] : contexts) {
    if (columns.front() > 0) plot.rules.push_back({.vertical = true, .at = columns.front() - 0.5, .ink = Ink::kIdle});
    plot.labels.push_back({.x = (columns.front() + columns.back()) / 2,
                           .y = plot.y.low,
                           .text = fmt::format("{}", context),
                           .anchor = Anchor::kCenter,
                           .dy = 27});
  }
  plot.labels.push_back({.x = plot.x.low,
                         .y = plot.y.low,
                         .text = "warm-ups",
                         .ink = Ink::kMuted,
                         .anchor = Anchor::kRight,
                         .dx = -8,
                         .dy = 11});
  plot.labels.push_back({.x = plot.x.low,
                         .y = plot.y.low,
                         .text = "context",
                         .ink = Ink::kMuted,
                         .anchor = Anchor::kRight,
                         .dx = -8,
                         .dy = 27});
  plot.series = {std::move(medians), std::move(dots)};
  return ToChart(plot, fmt::format("trials {} {}", look.model, title), alt + ".");
}

// Whole contexts, at most kMostColumns cases each unless one context has more.
std::vector<std::vector<const Record*>> InCharts(const std::vector<const Record*>& records) {
  Groups<std::int64_t, const Record*> contexts;
  for (const Record* record : records) AddToGroup(contexts, record->c.context, record);
  std::vector<std::vector<const Record*>> charts;
  for (auto& [context, cases] : contexts) {
    if (charts.empty() || charts.back().size() + cases.size() > kMostColumns) charts.emplace_back();
    charts.back().insert(charts.back().end(), cases.begin(), cases.end());
  }
  return charts;
}

}  // namespace

std::vector<Chart> TimeCharts(const std::vector<Record>& records) {
  const std::vector<ModelLook> looks = ModelLooks(records);
  Groups<std::string, const Record*> panels;
  Extent times;
  for (const Record* record : MostWarmedUp(Drawn(records))) {
    AddToGroup(panels, PanelTitle(*record, records), record);
    times.Add(MedianMilliseconds(*record));
  }
  std::vector<Chart> charts;
  for (const auto& [title, cases] : panels) charts.push_back(TimeChart(title, cases, looks, times));
  return charts;
}

std::vector<Chart> WarmupCharts(const std::vector<Record>& records) {
  const std::vector<ModelLook> looks = ModelLooks(records);
  Groups<std::string, const Record*> panels;
  Extent ratios;
  for (const Record* record : Drawn(records)) {
    if (record->c.warmups != 0 || record->trials.size() < kLeastTrials) continue;
    AddToGroup(panels, fmt::format("{}, context {}", PanelTitle(*record, records), record->c.context), record);
    for (const std::vector<double>& point : WarmupLine(*record)) ratios.Add(point[1]);
  }
  std::vector<Chart> charts;
  for (const auto& [title, cases] : panels) charts.push_back(WarmupChart(title, cases, looks, ratios));
  return charts;
}

std::vector<Chart> TrialCharts(const std::vector<Record>& records) {
  const std::vector<ModelLook> looks = ModelLooks(records);
  Groups<std::pair<std::string, std::string>, const Record*> panels;
  for (const Record* record : Drawn(records)) {
    AddToGroup(panels, {record->c.model, PanelTitle(*record, records)}, record);
  }
  std::vector<Chart> charts;
  for (const auto& [key, cases] : panels) {
    for (const auto& some : InCharts(cases)) charts.push_back(TrialChart(key.second, some, looks));
  }
  return charts;
}

std::vector<SectionCharts> ReportCharts(const std::vector<Record>& records,
                                        const std::vector<Utilisation>& utilisations) {
  std::vector<SectionCharts> sections{{"Time", TimeCharts(records)},
                                      {"Warm-up", WarmupCharts(records)},
                                      {"Trials", TrialCharts(records)},
                                      {"Utilisation", UtilisationCharts(records, utilisations)},
                                      {"Where the time goes", PhaseCharts(records)}};
  for (Chart& chart : KernelCharts(records)) sections.back().charts.push_back(std::move(chart));
  // Different titles may have one slug; files need names of their own.
  std::map<std::string, int> seen;
  for (SectionCharts& section : sections) {
    for (Chart& chart : section.charts) {
      if (const int count = ++seen[chart.name]; count > 1) chart.name += fmt::format("-{}", count);
    }
  }
  return sections;
}

}  // namespace tbench
