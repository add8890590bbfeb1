#pragma once

#include <string>
#include <string_view>

#include "analysis/tables/document.h"

namespace tbench {

inline constexpr int kChartTextSize = 11;  // px

// "a &lt; b": for text and for attributes in double quotes, of HTML and of XML.
std::string EscapedXml(std::string_view text);

// gnuplot's SVG made fit for a page and for a file of its own: the theme's colours change with the reader's preference,
// points are drawn in place, and no id, title, version or font of gnuplot's is left. For assistive technology it is an
// image with the chart's title and description. An element that this does not know is kept.
std::string ThemedSvg(std::string_view gnuplot_svg, const Chart& chart);

}  // namespace tbench
