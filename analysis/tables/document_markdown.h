#pragma once

#include <string>

#include "analysis/tables/document.h"

namespace tbench {

// Markdown as GitHub renders it. A chart is a picture `charts/NAME.svg` beside the file. Ends with a newline.
std::string ToMarkdown(const Document& document);

}  // namespace tbench
