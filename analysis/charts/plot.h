#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/charts/theme.h"

// A plot as data, and where its parts stand: in pixels from the upper left corner, by estimated widths of texts, so
// that nothing depends on a font's metrics on the machine that draws.
namespace tbench {

struct Tick {
  double at;
  std::string text;
};

struct PlotAxis {
  double low = 0, high = 1;
  bool log = false;
  bool grid = true;
  std::vector<Tick> ticks;
  std::string title;  // with the unit
};

// Filled, and distinct without colour.
enum class Mark { kSquare, kCircle, kTriangle, kTriangleDown, kDiamond };

// In axes' coordinates.
struct PlotPoint {
  double x = 0, y = 0;

  bool operator==(const PlotPoint&) const = default;
};

// From corner to corner; one without height is drawn as a line.
struct PlotBox {
  PlotPoint from, to;

  bool operator==(const PlotBox&) const = default;
};

// What has one colour: a line through the points, a mark at each, and boxes.
struct Series {
  Ink ink = Ink::kText;
  std::vector<PlotPoint> points = {};
  double line_width = 0;  // pixels; 0 for no line
  Mark mark = Mark::kCircle;
  double mark_size = 0;  // pixels from the middle to an edge; 0 for no marks
  std::vector<PlotBox> boxes = {};
};

enum class Anchor { kLeft, kCenter, kRight };

// In axes' coordinates, moved by `dx`, `dy` pixels to the right and down.
struct PlotLabel {
  double x = 0, y = 0;
  std::string text;
  Ink ink = Ink::kText;
  Anchor anchor = Anchor::kLeft;
  double dx = 0, dy = 0;
};

// A straight line over the whole plot at one coordinate, behind the series or in front of them.
struct PlotRule {
  bool vertical = false;
  double at = 0;
  Ink ink = Ink::kMuted;
  bool front = false;
};

struct LegendEntry {
  std::string text;
  Ink ink = Ink::kText;
  Mark mark = Mark::kSquare;
};

struct Plot {
  std::string name;  // of its file, without extension: [a-z0-9-]+
  std::string title;
  std::string alt;                  // what a reader who cannot see it must know
  std::vector<LegendEntry> legend;  // above the plot, in as many lines as it takes
  PlotAxis x, y;
  std::vector<Series> series;  // each over those before it
  std::vector<PlotLabel> labels;
  std::vector<PlotRule> rules;
  int width = 380;
  double plot_height = 190;  // of the plot without what stands around it
  double left = 0;           // pixels that row labels need beyond what ticks do
  double right = 14;
  double below = 0;  // pixels for further lines of labels under the ticks
};

inline constexpr int kPlotTextSize = 11, kPlotTitleSize = 12;  // pixels

// Round numbers in [low, high], some `about` of them, as text with as few digits as tell them apart.
std::vector<Tick> LinearTicks(double low, double high, int about);

// 1, 2 and 5 times powers of ten in [low, high], 0 < low: only powers where that is too many, linear ticks where that
// is too few.
std::vector<Tick> LogTicks(double low, double high);

// Estimated, for the text size of plots.
double TextWidth(const std::string& text);

// With an ellipsis in its middle where it is longer than that many characters: names often differ at their ends.
std::string Shortened(const std::string& text, std::size_t characters);

struct Box {
  double left, right, top, bottom;
};
// What the axes span, in pixels.
Box PlotArea(const Plot& plot);

// Where an axis' coordinate is, in pixels. For many of one plot: `area` is its PlotArea, found once.
double PixelX(const Plot& plot, double x);
double PixelX(const Plot& plot, const Box& area, double x);
double PixelY(const Plot& plot, double y);
double PixelY(const Plot& plot, const Box& area, double y);
int PlotHeight(const Plot& plot);

// A text or a mark of the plot in its place, in pixels; the text's y is its middle.
struct PlacedText {
  double x, y;
  std::string text;
  Ink ink = Ink::kText;
  Anchor anchor = Anchor::kLeft;
  bool title = false;
};
struct PlacedMark {
  double x, y;
  Mark mark;
  Ink ink;
};
// The title, the legend, the axes' titles and ticks, and the labels.
std::vector<PlacedText> TextsOf(const Plot& plot);
std::vector<PlacedMark> LegendMarks(const Plot& plot);

}  // namespace tbench
