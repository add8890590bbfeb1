#include "analysis/charts/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tbench {
namespace {

// Pixels. gnuplot's default font size is set to kTextSize by who draws.
constexpr double kTitleLine = 24, kFurtherTitleLine = 16, kLegendLine = 17, kAxisTitleLine = 20, kTickLine = 21,
                 kSwatch = 12, kEntryGap = 10, kEdge = 8, kTickGap = 7;
constexpr const char* kTitleFont = "sans:Bold,12";
constexpr double kTitleWider = 1.2;  // than the text that TextWidth is for

std::string Drawable(std::string_view text) {
  std::string drawable;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) drawable += c;
  }
  return drawable;
}

// A string literal of gnuplot: in single quotes nothing is special but the quote, which is doubled.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : Drawable(text)) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + '\'';
}

std::size_t Characters(std::string_view text) {
  return std::size_t(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// As many words in a line as fit.
std::vector<std::string> TitleLines(const Plot& plot) {
  std::vector<std::string> lines(1);
  std::string_view rest = plot.title;
  while (!rest.empty()) {
    const std::size_t space = std::min(rest.find(' '), rest.size() - 1);
    const std::string word(rest.substr(0, space + 1));
    rest.remove_prefix(space + 1);
    const double width = kTitleWider * TextWidth(lines.back() + word);
    if (!lines.back().empty() && width > plot.width - 2 * kEdge) {
      lines.back().pop_back();
      lines.emplace_back();
    }
    lines.back() += word;
  }
  return lines;
}

double TitleHeight(const Plot& plot) { return kTitleLine + double(TitleLines(plot).size() - 1) * kFurtherTitleLine; }

double EntryWidth(const LegendEntry& entry) { return kSwatch + TextWidth(entry.text) + kEntryGap; }

struct PlacedEntry {
  const LegendEntry* entry;
  double x;
  int line;
};

std::vector<PlacedEntry> PlaceLegend(const Plot& plot) {
  std::vector<PlacedEntry> placed;
  double x = kEdge;
  int line = 0;
  for (const LegendEntry& entry : plot.legend) {
    if (x > kEdge && x + EntryWidth(entry) - kEntryGap > plot.width - kEdge) {
      x = kEdge;
      ++line;
    }
    placed.push_back({&entry, x, line});
    x += EntryWidth(entry);
  }
  return placed;
}

struct Box {
  double left, right, top, bottom;
};

Box PlotBox(const Plot& plot) {
  double ticks = 0;
  for (const Tick& tick : plot.y.ticks) ticks = std::max(ticks, TextWidth(tick.text));
  const std::vector<PlacedEntry> legend = PlaceLegend(plot);
  const double legend_height = legend.empty() ? 0 : (legend.back().line + 1) * kLegendLine;
  const double top = TitleHeight(plot) + legend_height + (plot.y.title.empty() ? 0 : kAxisTitleLine) + kEdge;
  return {.left = kEdge + std::max(ticks + kTickGap - 2, plot.left),
          .right = plot.width - plot.right,
          .top = top,
          .bottom = top + plot.plot_height};
}

double Fraction(const PlotAxis& axis, double value) {
  if (axis.log) return std::log(value / axis.low) / std::log(axis.high / axis.low);
  return (value - axis.low) / (axis.high - axis.low);
}

const char* Word(Anchor anchor) {
  switch (anchor) {
    case Anchor::kLeft:
      return "left";
    case Anchor::kCenter:
      return "center";
    case Anchor::kRight:
      return "right";
  }
  return "";
}

// gnuplot's screen coordinates count up from the lower left corner.
std::string Screen(const Plot& plot, double x, double y) {
  return fmt::format("screen {:.5f},{:.5f}", x / plot.width, 1 - y / PlotHeight(plot));
}

std::string LabelCommand(const Plot& plot, double x, double y, std::string_view text, Ink ink, Anchor anchor,
                         const std::string& font = "") {
  return fmt::format("set label {} at {} {} front textcolor rgb '{}'{}\n", Quoted(text), Screen(plot, x, y),
                     Word(anchor), LightColor(ink), font.empty() ? "" : fmt::format(" font '{}'", font));
}

// The ticks' texts are labels of ours: gnuplot would place them by the font that it guesses.
std::string AxisCommands(char name, const PlotAxis& axis) {
  std::string text = fmt::format("set {}range [{:.8g}:{:.8g}]\n", name, axis.low, axis.high);
  if (axis.log) text += fmt::format("set logscale {}\n", name);
  if (!axis.grid) return text + fmt::format("unset {}tics\n", name);
  text += fmt::format("set {}tics scale 0 (", name);
  for (std::size_t i = 0; i < axis.ticks.size(); ++i) {
    text += fmt::format("{}'' {:.8g}", i == 0 ? "" : ", ", axis.ticks[i].at);
  }
  return text + fmt::format(")\nset grid {}tics back linetype 1 dashtype solid linewidth 1 linecolor rgb '{}'\n", name,
                            LightColor(Ink::kGrid));
}

std::string TextCommands(const Plot& plot, const Box& box) {
  std::string text;
  double title_y = 15;
  for (const std::string& line : TitleLines(plot)) {
    text += LabelCommand(plot, kEdge, title_y, line, Ink::kText, Anchor::kLeft, kTitleFont);
    title_y += kFurtherTitleLine;
  }
  for (const auto& [entry, x, line] : PlaceLegend(plot)) {
    const double y = TitleHeight(plot) + (line + 0.5) * kLegendLine;
    text += fmt::format("set label '' at {} front point pointtype {} pointsize 0.9 linecolor rgb '{}'\n",
                        Screen(plot, x + kSwatch / 2 - 2, y), int(entry->point), LightColor(entry->ink));
    text += LabelCommand(plot, x + kSwatch, y, entry->text, Ink::kText, Anchor::kLeft);
  }
  if (!plot.y.title.empty()) {
    text += LabelCommand(plot, kEdge, box.top - 14, plot.y.title, Ink::kMuted, Anchor::kLeft);
  }
  if (!plot.x.title.empty()) {
    text += LabelCommand(plot, box.right, PlotHeight(plot) - 10, plot.x.title, Ink::kMuted, Anchor::kRight);
  }
  for (const Tick& tick : plot.x.ticks) {
    text += LabelCommand(plot, PixelX(plot, tick.at), box.bottom + 13, tick.text, Ink::kMuted, Anchor::kCenter);
  }
  for (const Tick& tick : plot.y.ticks) {
    text += LabelCommand(plot, box.left - kTickGap, PixelY(plot, tick.at), tick.text, Ink::kMuted, Anchor::kRight);
  }
  for (const PlotLabel& label : plot.labels) {
    text += LabelCommand(plot, PixelX(plot, label.x) + label.dx, PixelY(plot, label.y) + label.dy, label.text,
                         label.ink, label.anchor);
  }
  return text;
}

std::string RuleCommands(const Plot& plot) {
  std::string text;
  for (const PlotRule& rule : plot.rules) {
    const auto [from, to] =
        rule.vertical
            ? std::pair(fmt::format("first {:.8g}, graph 0", rule.at), fmt::format("first {:.8g}, graph 1", rule.at))
            : std::pair(fmt::format("graph 0, first {:.8g}", rule.at), fmt::format("graph 1, first {:.8g}", rule.at));
    text += fmt::format("set arrow from {} to {} nohead {} linewidth 1 linecolor rgb '{}'\n", from, to,
                        rule.front ? "front" : "back", LightColor(rule.ink));
  }
  return text;
}

std::string DataCommands(const Plot& plot) {
  std::string data, command = "plot";
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const Series& series = plot.series[i];
    data += fmt::format("$data{} << END\n", i);
    for (const std::vector<double>& row : series.rows) data += fmt::format("{:.8g}\n", fmt::join(row, " "));
    data += "END\n";
    command += fmt::format("{} $data{} with {} linecolor rgb '{}'", i == 0 ? "" : ", \\\n    ", i, series.with,
                           LightColor(series.ink));
  }
  return data + command + "\n";
}

}  // namespace

// Of the widest of the usual fonts, DejaVu Sans.
double TextWidth(const std::string& text) {
  double width = 0;
  for (const char c : text) {
    if (std::string_view("mwMW%@").find(c) != std::string_view::npos) {
      width += 10.2;
    } else if (std::string_view("fijlrtI.,:;-|'! ").find(c) != std::string_view::npos) {
      width += 4;
    } else if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) {
      width += 7;
    }
  }
  return width;
}

std::string Shortened(const std::string& text, std::size_t characters) {
  const std::size_t all = Characters(text);
  if (all <= characters) return text;
  const std::size_t head = characters / 2, tail = characters - head - 1;
  std::string shortened;
  std::size_t seen = 0;
  for (const char c : text) {
    seen += Characters({&c, 1});
    if (seen == head + 1 && Characters({&c, 1}) == 1) shortened += "…";
    if (seen <= head || seen > all - tail) shortened += c;
  }
  return shortened;
}

std::vector<Tick> LinearTicks(double low, double high, int about) {
  const double power = std::pow(10, std::floor(std::log10((high - low) / about)));
  double step = power;
  for (const double factor : {2.0, 2.5, 5.0, 10.0}) {
    const auto misses = [&](double by) { return std::abs((high - low) / by - about); };
    if (misses(factor * power) < misses(step)) step = factor * power;
  }
  std::vector<Tick> ticks;
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    const double at = i == 0 ? 0 : i * step;  // not −0
    ticks.push_back({at, fmt::format("{:.10g}", at)});
  }
  return ticks;
}

std::vector<Tick> LogTicks(double low, double high) {
  std::vector<Tick> all, powers;
  for (int power = int(std::floor(std::log10(low))); power <= int(std::ceil(std::log10(high))); ++power) {
    for (const int factor : {1, 2, 5}) {
      const double at = factor * std::pow(10, power);
      if (at < low * (1 - 1e-9) || at > high * (1 + 1e-9)) continue;
      const Tick tick{at, fmt::format("{:.6g}", at)};
      all.push_back(tick);
      if (factor == 1) powers.push_back(tick);
    }
  }
  if (all.size() < 3) return LinearTicks(low, high, 4);
  return all.size() > 8 && powers.size() >= 3 ? powers : all;
}

int PlotHeight(const Plot& plot) {
  return int(std::ceil(PlotBox(plot).bottom + kTickLine + plot.below + (plot.x.title.empty() ? 2 : kAxisTitleLine)));
}

double PixelX(const Plot& plot, double x) {
  const Box box = PlotBox(plot);
  return box.left + Fraction(plot.x, x) * (box.right - box.left);
}

double PixelY(const Plot& plot, double y) {
  const Box box = PlotBox(plot);
  return box.bottom - Fraction(plot.y, y) * (box.bottom - box.top);
}

std::string PlotScript(const Plot& plot) {
  const Box box = PlotBox(plot);
  const double height = PlotHeight(plot);
  std::string script = fmt::format(
      "set encoding utf8\nunset key\nset border 0\nset style fill solid noborder\n"
      "set lmargin at screen {:.5f}\nset rmargin at screen {:.5f}\n"
      "set tmargin at screen {:.5f}\nset bmargin at screen {:.5f}\n",
      box.left / plot.width, box.right / plot.width, 1 - box.top / height, 1 - box.bottom / height);
  script += AxisCommands('x', plot.x) + AxisCommands('y', plot.y);
  return script + TextCommands(plot, box) + RuleCommands(plot) + DataCommands(plot);
}

}  // namespace tbench
