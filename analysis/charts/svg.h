#pragma once

#include <string>
#include <string_view>

#include "analysis/charts/plot.h"

namespace tbench {

// "a &lt; b": for text and for attributes in double quotes, of HTML and of XML.
std::string EscapedXml(std::string_view text);

// The plot as an SVG document, fit for a page and for a file of its own: no ids, nothing fetched, its colours change
// with the reader's preference. For assistive technology it is an image with the plot's title and description.
std::string ToSvg(const Plot& plot);

}  // namespace tbench
