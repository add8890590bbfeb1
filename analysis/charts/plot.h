#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/charts/theme.h"

// A plot as data, and the gnuplot script that draws it. Everything is placed here, in pixels from the upper left
// corner, so that nothing depends on a font's metrics on the machine that draws.
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

struct Series {
  std::string with;  // gnuplot's plotting style but for its colour: "lines linewidth 2"
  Ink ink = Ink::kText;
  std::vector<std::vector<double>> rows;  // numbers as that style wants them, in the axes' coordinates
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

// gnuplot's point types that our SVG keeps: filled, and distinct without colour.
enum PointType { kSquare = 5, kCircle = 7, kTriangle = 9, kTriangleDown = 11, kDiamond = 13 };

struct LegendEntry {
  std::string text;
  Ink ink = Ink::kText;
  PointType point = kSquare;
};

struct Plot {
  std::string title;
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

// Estimated, for the text size of charts.
double TextWidth(const std::string& text);

// With an ellipsis in its middle where it is longer than that many characters: names often differ at their ends.
std::string Shortened(const std::string& text, std::size_t characters);

// Round numbers in [low, high], some `about` of them, as text with as few digits as tell them apart.
std::vector<Tick> LinearTicks(double low, double high, int about);

// 1, 2 and 5 times powers of ten in [low, high], 0 < low: only powers where that is too many, linear ticks where that
// is too few.
std::vector<Tick> LogTicks(double low, double high);

// Where an axis' coordinate is, in pixels.
double PixelX(const Plot& plot, double x);
double PixelY(const Plot& plot, double y);
int PlotHeight(const Plot& plot);

// Commands and data for gnuplot, but for its terminal.
std::string PlotScript(const Plot& plot);

}  // namespace tbench
