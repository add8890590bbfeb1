#include "analysis/charts/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/tables/text.h"

namespace tbench {
namespace {

// Pixels.
constexpr double kTitleLine = 24, kFurtherTitleLine = 16, kLegendLine = 17, kAxisTitleLine = 20, kTickLine = 21,
                 kSwatch = 12, kEntryGap = 10, kEdge = 8, kTickGap = 7;
constexpr double kTitleWider = 1.2;  // than the text that TextWidth is for

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

double MiddleOf(const PlacedEntry& entry, const Plot& plot) {
  return TitleHeight(plot) + (entry.line + 0.5) * kLegendLine;
}

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

double Fraction(const PlotAxis& axis, double value) {
  if (axis.log) return std::log(value / axis.low) / std::log(axis.high / axis.low);
  return (value - axis.low) / (axis.high - axis.low);
}

}  // namespace

std::vector<Tick> LinearTicks(double low, double high, int about) {
  const double power = std::pow(10, std::floor(std::log10((high - low) / about)));
  double step = power;
  for (const double factor : {2.0, 2.5, 5.0, 10.0}) {
    const auto misses = [&](double by) { return std::abs((high - low) / by - about); };
    if (misses(factor * power) < misses(step)) step = factor * power;
  }
  std::vector<Tick> ticks;
  if (!std::isfinite(step) || step <= 0 || !((high - low) / step < 1000)) return ticks;  // beyond what doubles resolve
  for (double i = std::ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; ++i) {
    const double at = i == 0 ? 0 : i * step;  // not −0
    ticks.push_back({at, fmt::format("{:.10g}", at)});
  }
  return ticks;
}

std::vector<Tick> LogTicks(double low, double high) {
  constexpr double kLeast = std::numeric_limits<double>::min(), kMost = std::numeric_limits<double>::max();
  low = std::clamp(low, kLeast, kMost);
  high = std::clamp(high, kLeast, kMost);
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
  const std::size_t all = CharacterCount(text);
  if (all <= characters) return text;
  const std::size_t head = characters / 2, tail = characters - head - 1;
  std::string shortened;
  std::size_t seen = 0;
  for (const char c : text) {
    seen += CharacterCount({&c, 1});
    if (seen == head + 1 && CharacterCount({&c, 1}) == 1) shortened += "…";
    if (seen <= head || seen > all - tail) shortened += c;
  }
  return shortened;
}

Box PlotArea(const Plot& plot) {
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

int PlotHeight(const Plot& plot) {
  const double titles = plot.x.title.empty() ? 2 : kAxisTitleLine;
  return int(std::ceil(PlotArea(plot).bottom + kTickLine + plot.below + titles));
}

double PixelX(const Plot& plot, double x) { return PixelX(plot, PlotArea(plot), x); }

double PixelX(const Plot& plot, const Box& area, double x) {
  return area.left + Fraction(plot.x, x) * (area.right - area.left);
}

double PixelY(const Plot& plot, double y) { return PixelY(plot, PlotArea(plot), y); }

double PixelY(const Plot& plot, const Box& area, double y) {
  return area.bottom - Fraction(plot.y, y) * (area.bottom - area.top);
}

std::vector<PlacedText> TextsOf(const Plot& plot) {
  const Box area = PlotArea(plot);
  std::vector<PlacedText> texts;
  double title_y = 15;
  for (const std::string& line : TitleLines(plot)) {
    texts.push_back({.x = kEdge, .y = title_y, .text = line, .title = true});
    title_y += kFurtherTitleLine;
  }
  for (const PlacedEntry& entry : PlaceLegend(plot)) {
    texts.push_back({.x = entry.x + kSwatch, .y = MiddleOf(entry, plot), .text = entry.entry->text});
  }
  texts.push_back({.x = kEdge, .y = area.top - 14, .text = plot.y.title, .ink = Ink::kMuted});
  texts.push_back({area.right, PlotHeight(plot) - 10.0, plot.x.title, Ink::kMuted, Anchor::kRight});
  for (const Tick& tick : plot.x.ticks) {
    texts.push_back({PixelX(plot, area, tick.at), area.bottom + 13, tick.text, Ink::kMuted, Anchor::kCenter});
  }
  for (const Tick& tick : plot.y.ticks) {
    texts.push_back({area.left - kTickGap, PixelY(plot, area, tick.at), tick.text, Ink::kMuted, Anchor::kRight});
  }
  for (const auto& [x, y, text, ink, anchor, dx, dy] : plot.labels) {
    texts.push_back({PixelX(plot, area, x) + dx, PixelY(plot, area, y) + dy, text, ink, anchor});
  }
  std::erase_if(texts, [](const PlacedText& text) { return text.text.empty(); });
  return texts;
}

std::vector<PlacedMark> LegendMarks(const Plot& plot) {
  std::vector<PlacedMark> marks;
  for (const PlacedEntry& entry : PlaceLegend(plot)) {
    marks.push_back({entry.x + kSwatch / 2 - 2, MiddleOf(entry, plot), entry.entry->mark, entry.entry->ink});
  }
  return marks;
}

}  // namespace tbench
