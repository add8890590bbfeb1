#include "analysis/charts/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "analysis/charts/theme.h"

namespace tbench {
namespace {

constexpr std::string_view kFonts = "system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";
constexpr double kLegendMark = 3.7, kMinWidth = 0.5, kFlatBox = 1.5, kHair = 1;  // pixels

// What paints with currentColor in an element of this class has that ink.
std::string InkClass(Ink ink) { return fmt::format("class=\"i{}\"", int(ink)); }

// Only of the inks that the picture uses.
std::string Style(std::string_view body) {
  std::string light, dark;
  for (const InkColors& ink : Inks()) {
    if (body.find(InkClass(ink.ink)) == std::string_view::npos) continue;
    light += fmt::format(".i{}{{color:{}}}", int(ink.ink), ink.light);
    dark += fmt::format(".i{}{{color:{}}}", int(ink.ink), ink.dark);
  }
  return light + InTheDark(dark);
}

const char* WordOf(Anchor anchor) {
  switch (anchor) {
    case Anchor::kLeft:
      return "start";
    case Anchor::kCenter:
      return "middle";
    case Anchor::kRight:
      return "end";
  }
  return "";
}

std::string TextOf(const PlacedText& text) {
  constexpr double kMiddleToBaseline = 0.35;  // of the size: half the height of a digit
  const int size = text.title ? kPlotTitleSize : kPlotTextSize;
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{} {} fill=\"currentColor\">{}</text>\n",
                     text.x, text.y + kMiddleToBaseline * size, WordOf(text.anchor),
                     text.title ? fmt::format(" font-size=\"{}\" font-weight=\"600\"", size) : "", InkClass(text.ink),
                     EscapedXml(text.text));
}

// Corners for a mark of size 1; sizes differ a little, so that all look equally large. None for a circle.
std::vector<PlotPoint> CornersOf(Mark mark) {
  switch (mark) {
    case Mark::kCircle:
      return {};
    case Mark::kSquare:
      return {{-1, -1}, {1, -1}, {1, 1}, {-1, 1}};
    case Mark::kTriangle:
      return {{0, -1.33}, {1.33, 0.67}, {-1.33, 0.67}};
    case Mark::kTriangleDown:
      return {{0, 1.33}, {-1.33, -0.67}, {1.33, -0.67}};
    case Mark::kDiamond:
      return {{0, -1.4}, {1.4, 0}, {0, 1.4}, {-1.4, 0}};
  }
  return {};
}

std::string LinePath(const std::vector<PlotPoint>& pixels) {
  std::string path;
  for (const PlotPoint& at : pixels) path += fmt::format("{}{:.1f},{:.1f}", path.empty() ? 'M' : 'L', at.x, at.y);
  return path;
}

std::string MarkPath(PlotPoint middle, Mark mark, double size) {
  if (mark == Mark::kCircle) {
    return fmt::format("M{0:.1f},{1:.1f}a{2:.2f},{2:.2f} 0 1,0 {3:.2f},0a{2:.2f},{2:.2f} 0 1,0 -{3:.2f},0z",
                       middle.x - size, middle.y, size, 2 * size);
  }
  std::vector<PlotPoint> corners = CornersOf(mark);
  for (PlotPoint& corner : corners) corner = {middle.x + corner.x * size, middle.y + corner.y * size};
  return LinePath(corners) + 'z';
}

// A hair of the ground stays free on the left, so that boxes in a row stand apart.
std::string BoxPath(const Plot& plot, const Box& area, const PlotBox& box) {
  const auto [left, right] = std::minmax({PixelX(plot, area, box.from.x), PixelX(plot, area, box.to.x)});
  const auto [top, bottom] = std::minmax({PixelY(plot, area, box.from.y), PixelY(plot, area, box.to.y)});
  const double width = std::max(right - left - kHair, kMinWidth), height = std::max(bottom - top, kFlatBox);
  return fmt::format("M{:.1f},{:.1f}h{:.1f}v{:.1f}h{:.1f}z", right - width, (top + bottom - height) / 2, width, height,
                     -width);
}

std::string Stroke(const std::string& path, Ink ink, double width) {
  return fmt::format(
      "<path d=\"{}\" {} fill=\"none\" stroke=\"currentColor\" stroke-width=\"{}\" stroke-linejoin=\"round\"/>\n", path,
      InkClass(ink), width);
}

std::string Fill(const std::string& path, Ink ink) {
  return fmt::format("<path d=\"{}\" {} fill=\"currentColor\"/>\n", path, InkClass(ink));
}

std::string SeriesOf(const Plot& plot, const Box& area, const Series& series) {
  std::vector<PlotPoint> pixels;
  for (const PlotPoint& point : series.points) {
    pixels.push_back({PixelX(plot, area, point.x), PixelY(plot, area, point.y)});
  }
  std::string filled, svg;
  for (const PlotBox& box : series.boxes) filled += BoxPath(plot, area, box);
  if (series.mark_size > 0) {
    for (const PlotPoint& at : pixels) filled += MarkPath(at, series.mark, series.mark_size);
  }
  if (series.line_width > 0 && pixels.size() > 1) svg += Stroke(LinePath(pixels), series.ink, series.line_width);
  return filled.empty() ? svg : svg + Fill(filled, series.ink);
}

std::string RuleOf(const Plot& plot, const PlotRule& rule) {
  const auto [left, right, top, bottom] = PlotArea(plot);
  const double at = rule.vertical ? PixelX(plot, rule.at) : PixelY(plot, rule.at);
  return Stroke(rule.vertical ? LinePath({{at, top}, {at, bottom}}) : LinePath({{left, at}, {right, at}}), rule.ink, 1);
}

std::string GridOf(const Plot& plot) {
  std::string svg;
  for (const auto& [axis, vertical] : {std::pair(&plot.x, true), std::pair(&plot.y, false)}) {
    if (!axis->grid) continue;
    for (const Tick& tick : axis->ticks) svg += RuleOf(plot, {.vertical = vertical, .at = tick.at, .ink = Ink::kGrid});
  }
  return svg;
}

}  // namespace

std::string EscapedXml(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') continue;  // no XML may hold it
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string ToSvg(const Plot& plot) {
  std::string body = fmt::format("<rect width=\"{}\" height=\"{}\" {} fill=\"currentColor\"/>\n", plot.width,
                                 PlotHeight(plot), InkClass(Ink::kGround));
  body += GridOf(plot);
  for (const PlotRule& rule : plot.rules) body += rule.front ? "" : RuleOf(plot, rule);
  const Box area = PlotArea(plot);
  for (const Series& series : plot.series) body += SeriesOf(plot, area, series);
  for (const PlotRule& rule : plot.rules) body += rule.front ? RuleOf(plot, rule) : "";
  for (const auto& [x, y, mark, ink] : LegendMarks(plot)) body += Fill(MarkPath({x, y}, mark, kLegendMark), ink);
  for (const PlacedText& text : TextsOf(plot)) body += TextOf(text);
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" "
      "font-family=\"{2}\" font-size=\"{3}\">\n<title>{4}</title>\n<desc>{5}</desc>\n<style>{6}</style>\n{7}</svg>\n",
      plot.width, PlotHeight(plot), kFonts, kPlotTextSize, EscapedXml(plot.title), EscapedXml(plot.alt), Style(body),
      body);
}

}  // namespace tbench
