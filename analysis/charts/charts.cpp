// The charts with a time axis: by context, by trial, by case.
#include "analysis/charts/charts.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <set>

#include "analysis/charts/chart_parts.h"
#include "analysis/read/trials.h"
#include "analysis/tables/text.h"

namespace tbench {
namespace {

constexpr double kLabelGap = 13;     // pixels between the middles of labels that stand one below the other
constexpr double kLogFrom = 3;       // an axis is logarithmic where its largest value is this many times its smallest
constexpr double kMinSpread = 0.05;  // of the median: noise below that fills no chart
constexpr std::size_t kMaxColumns = 12;                   // cases in one chart of trials
constexpr std::size_t kMaxLines = 14;                     // in one chart: more labels do not stand apart
constexpr std::size_t kLegendName = 24, kLabelName = 16;  // characters of a model's name

struct Extent {
  double low = std::numeric_limits<double>::infinity(), high = -std::numeric_limits<double>::infinity();
  void Add(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

PlotAxis LogAxis(const Extent& extent, double room) {
  PlotAxis axis{.low = extent.low / room, .high = extent.high * room, .log = true};
  axis.ticks = LogTicks(axis.low, axis.high);
  return axis;
}

PlotAxis LinearAxis(const Extent& extent, double room) {
  PlotAxis axis{.low = std::max(0.0, extent.low - room), .high = extent.high + room};
  axis.ticks = LinearTicks(axis.low, axis.high, 5);
  return axis;
}

std::vector<std::string> ModelsOf(const CasePointers& cases) {
  std::vector<std::string> models;
  std::set<std::string> seen;
  for (const JudgedCase* judged : cases) {
    if (seen.insert(judged->record.c.model).second) models.push_back(judged->record.c.model);
  }
  return models;
}

// Where labels that would stand at `wanted` do, so that no two are closer than kLabelGap: downwards from `top`, and up
// again from `bottom` where there is no room.
std::vector<double> Apart(const std::vector<double>& wanted, double top, double bottom) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, {}, [&](std::size_t i) { return wanted[i]; });
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

// A tick at each context length, as long as their texts do not touch.
std::vector<Tick> ContextTicks(const Plot& plot, const CasePointers& cases) {
  std::set<std::int64_t> lengths;
  for (const JudgedCase* judged : cases) lengths.insert(judged->record.c.context);
  std::vector<Tick> ticks;
  double free_from = 0;
  const Box area = PlotArea(plot);
  for (const std::int64_t length : lengths) {
    const Tick tick{double(length), fmt::format("{}", length)};
    const double at = PixelX(plot, area, tick.at), half = TextWidth(tick.text) / 2;
    if (at - half < free_from) continue;
    free_from = at + half + 4;
    ticks.push_back(tick);
  }
  return ticks;
}

// The models' names beside the ends of their lines.
void LabelEnds(const std::vector<std::string>& models, const ModelLooks& looks, Plot& plot) {
  std::vector<double> wanted;
  const Box area = PlotArea(plot);
  for (const Series& line : plot.series) wanted.push_back(PixelY(plot, area, line.points.back().y));
  const std::vector<double> placed = Apart(wanted, PixelY(plot, area, plot.y.high), PixelY(plot, area, plot.y.low));
  for (std::size_t i = 0; i < models.size(); ++i) {
    const PlotPoint& end = plot.series[i].points.back();
    plot.labels.push_back({.x = end.x,
                           .y = end.y,
                           .text = Shortened(models[i], kLabelName),
                           .ink = looks.at(models[i]).ink,
                           .dx = 9,
                           .dy = placed[i] - wanted[i]});
  }
}

Plot TimeChart(const std::string& title, const CasePointers& cases, const ModelLooks& looks, const Extent& times) {
  Extent contexts;
  for (const JudgedCase* judged : cases) contexts.Add(double(judged->record.c.context));
  const std::vector<std::string> models = ModelsOf(cases);
  Plot plot{.name = Slug("time " + title),
            .title = "Time of a step: " + title,
            .x = LogAxis(contexts, 1.04),
            .y = LogAxis(times, 1.25)};
  plot.y.title = "median, ms";
  plot.x.title = "context length, tokens";
  plot.x.grid = false;
  if (contexts.low < contexts.high) plot.x.high = 1.004 * contexts.high;  // the names stand right of the last points
  for (const std::string& model : models) {
    plot.right = std::max(plot.right, TextWidth(Shortened(model, kLabelName)) + 14);
  }
  plot.x.ticks = ContextTicks(plot, cases);

  std::string alt;
  for (const std::string& model : models) {
    const ModelLook& look = looks.at(model);
    Series line{.ink = look.ink, .line_width = 2, .mark = look.mark, .mark_size = 3.7};
    for (const JudgedCase* judged : cases) {
      if (judged->record.c.model != model) continue;
      alt += line.points.empty() ? fmt::format("{}{} ", alt.empty() ? "" : "; ", model) : ", ";
      alt += fmt::format("{} ms at {}", Milliseconds(1000 * MedianMs(*judged)), judged->record.c.context);
      line.points.push_back({double(judged->record.c.context), MedianMs(*judged)});
    }
    plot.series.push_back(std::move(line));
  }
  LabelEnds(models, looks, plot);
  plot.alt = fmt::format("Median time of a step by context length, {}: {}.", title, alt);
  return plot;
}

// Trials over the steady time.
std::vector<PlotPoint> WarmUpLine(const JudgedCase& judged) {
  const std::vector<double> times = TimesUs(judged.record);
  std::vector<PlotPoint> line;
  for (const std::size_t i : DrawnTrials(times)) line.push_back({double(i + 1), times[i] / judged.warm_up->steady_us});
  return line;
}

// Where not all trials are drawn.
void TellWhatIsDrawn(const CasePointers& cases, Plot& plot) {
  const std::string drawn = HowManyAreDrawn(cases);
  if (drawn.empty()) return;
  plot.x.title += fmt::format("{}{}", plot.x.title.empty() ? "" : "; ", drawn);
  plot.alt += fmt::format(" Drawn are {}, the lowest and the highest of each stretch.", drawn);
}

Plot WarmUpChart(const std::string& title, const CasePointers& cases, const ModelLooks& looks, const Extent& ratios) {
  std::size_t trials = 0;
  for (const JudgedCase* judged : cases) trials = std::max(trials, judged->record.trials.size());
  Plot plot{.name = Slug("warm-up " + title),
            .title = "No warm-up: " + title,
            .legend = Legend(looks, ModelsOf(cases), kLegendName),
            .x = {.low = 0.6, .high = double(trials) + 0.4, .grid = false, .title = "trial"}};
  for (const Tick& tick : LinearTicks(1, double(trials), 10)) {
    if (tick.at == std::floor(tick.at)) plot.x.ticks.push_back(tick);
  }
  plot.y = ratios.high / ratios.low > kLogFrom ? LogAxis(ratios, 1.15) : LinearAxis(ratios, kMinSpread);
  plot.y.title = "× the steady time";
  plot.rules.push_back({.at = 1});
  std::string alt;
  for (const JudgedCase* judged : cases) {
    const std::string& model = judged->record.c.model;
    const ModelLook& look = looks.at(model);
    const double first = judged->record.trials.front().time_us / judged->warm_up->steady_us;
    alt += fmt::format("{}{} {}×", alt.empty() ? "" : ", ", model, Digits(first));
    plot.series.push_back(
        {.ink = look.ink, .points = WarmUpLine(*judged), .line_width = 1.5, .mark = look.mark, .mark_size = 3.3});
  }
  plot.alt =
      fmt::format("Trials of cases without warm-ups over the steady time, {}. The first trials: {}.", title, alt);
  TellWhatIsDrawn(cases, plot);
  return plot;
}

// A row of texts under the plot, with what they are on the left.
PlotLabel RowName(const Plot& plot, const char* name, double dy) {
  return {
      .x = plot.x.low, .y = plot.y.low, .text = name, .ink = Ink::kMuted, .anchor = Anchor::kRight, .dx = -8, .dy = dy};
}

void LabelContexts(const Groups<std::int64_t, double>& contexts, Plot& plot) {
  constexpr double kWarmUpsLine = 13, kContextLine = 28;  // pixels below the plot
  for (const auto& [context, columns] : contexts) {
    if (columns.front() > 0) plot.rules.push_back({.vertical = true, .at = columns.front() - 0.5, .ink = Ink::kIdle});
    plot.labels.push_back({.x = (columns.front() + columns.back()) / 2,
                           .y = plot.y.low,
                           .text = fmt::format("{}", context),
                           .anchor = Anchor::kCenter,
                           .dy = kContextLine});
  }
  plot.labels.push_back(RowName(plot, "warm-ups", kWarmUpsLine));
  plot.labels.push_back(RowName(plot, "context", kContextLine));
}

// As large as their number leaves room for.
double DotSize(const CasePointers& cases) {
  std::size_t trials = 0;
  for (const JudgedCase* judged : cases) trials = std::max(trials, judged->record.trials.size());
  trials = std::min(trials, kMostDrawn);
  return std::clamp(124.0 / double(cases.size() * trials), 1.6, 2.9);
}

// Cases side by side, those of one context together.
Plot TrialChart(const std::string& title, const CasePointers& cases, const ModelLooks& looks) {
  const std::string& model = cases.front()->record.c.model;
  Plot plot{.name = Slug(fmt::format("trials {} {}", model, title)),
            .title = fmt::format("{}, {}", Shortened(model, kLegendName), title),
            .x = {.low = -0.6, .high = double(cases.size()) - 0.4, .grid = false},
            .left = TextWidth("warm-ups") + 8,
            .below = 15};
  Series dots{.ink = looks.at(model).ink, .mark_size = DotSize(cases)}, medians;
  Extent extent;
  Groups<std::int64_t, double> contexts;
  std::string alt;
  for (std::size_t column = 0; column < cases.size(); ++column) {
    const double x = double(column), median = MedianMs(*cases[column]);
    const Case& c = cases[column]->record.c;
    const std::vector<double> times = TimesMs(*cases[column]);
    for (const std::size_t i : DrawnTrials(times)) {
      const double place = times.size() == 1 ? 0 : double(i) / double(times.size() - 1) - 0.5;
      dots.points.push_back({x + 0.76 * place, times[i]});
      extent.Add(times[i]);
    }
    medians.boxes.push_back({{x - 0.44, median}, {x + 0.44, median}});
    contexts.Add(c.context, x);
    plot.x.ticks.push_back({x, fmt::format("{}", c.warmups)});
    alt += fmt::format("{}context {}, {}, {}", alt.empty() ? "" : "; ", c.context,
                       Plural(std::size_t(c.warmups), "warm-up"), Milliseconds(1000 * median) + " ms");
  }
  const bool log = extent.high / extent.low > kLogFrom;
  plot.y = log ? LogAxis(extent, 1.15)
               : LinearAxis(extent, std::max(0.06 * (extent.high - extent.low), kMinSpread * extent.low));
  plot.y.title = log ? "ms, logarithmic" : "ms";
  LabelContexts(contexts, plot);
  plot.series = {std::move(medians), std::move(dots)};
  plot.alt = fmt::format("Every trial of {}, {}. Medians: {}.", model, title, alt);
  TellWhatIsDrawn(cases, plot);
  return plot;
}

// Whole contexts, at most kMaxColumns cases each unless one context has more.
std::vector<CasePointers> InCharts(const CasePointers& cases) {
  Groups<std::int64_t, const JudgedCase*> contexts;
  for (const JudgedCase* judged : cases) contexts.Add(judged->record.c.context, judged);
  std::vector<CasePointers> charts;
  for (const auto& [context, some] : contexts) {
    if (charts.empty() || charts.back().size() + some.size() > kMaxColumns) charts.emplace_back();
    charts.back().insert(charts.back().end(), some.begin(), some.end());
  }
  return charts;
}

}  // namespace

std::vector<Plot> TimeCharts(const std::vector<JudgedCase>& cases) {
  const PanelTitles titles(cases);
  const ModelLooks looks = LooksOf(cases);
  const std::vector<JudgedCase> warm = MostWarmedUp(cases);
  Groups<std::string, const JudgedCase*> panels;
  Extent times;
  for (const JudgedCase* judged : Drawn(warm)) {
    panels.Add(titles.Of(*judged), judged);
    times.Add(MedianMs(*judged));
  }
  std::vector<Plot> charts;
  for (const auto& [title, some] : panels) {
    Groups<std::string, const JudgedCase*> models;
    for (const JudgedCase* judged : some) models.Add(judged->record.c.model, judged);
    for (const auto& part : InParts(std::vector(models.begin(), models.end()), kMaxLines)) {
      CasePointers of_part;
      for (const auto& [model, of_model] : part) of_part.insert(of_part.end(), of_model.begin(), of_model.end());
      charts.push_back(TimeChart(title, of_part, looks, times));
    }
  }
  return charts;
}

std::vector<Plot> WarmUpCharts(const std::vector<JudgedCase>& cases) {
  const PanelTitles titles(cases);
  const ModelLooks looks = LooksOf(cases);
  Groups<std::string, const JudgedCase*> panels;
  Extent ratios;
  ratios.Add(1);
  for (const JudgedCase* judged : Drawn(cases)) {
    if (!judged->warm_up) continue;
    panels.Add(fmt::format("{}, context {}", titles.Of(*judged), judged->record.c.context), judged);
    for (const PlotPoint& point : WarmUpLine(*judged)) ratios.Add(point.y);
  }
  std::vector<Plot> charts;
  for (const auto& [title, some] : panels) {
    for (const CasePointers& part : InParts(some, kMaxLines)) {
      charts.push_back(WarmUpChart(title, part, looks, ratios));
    }
  }
  return charts;
}

std::vector<Plot> TrialCharts(const std::vector<JudgedCase>& cases) {
  const PanelTitles titles(cases);
  const ModelLooks looks = LooksOf(cases);
  Groups<std::pair<std::string, std::string>, const JudgedCase*> panels;
  for (const JudgedCase* judged : Drawn(cases)) {
    panels.Add({judged->record.c.model, titles.Of(*judged)}, judged);
  }
  std::vector<Plot> charts;
  for (const auto& [key, some] : panels) {
    for (const CasePointers& one : InCharts(some)) charts.push_back(TrialChart(key.second, one, looks));
  }
  return charts;
}

}  // namespace tbench
