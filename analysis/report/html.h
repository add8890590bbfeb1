#pragma once

#include <map>
#include <string>

#include "analysis/tables/document.h"

namespace tbench {

// The whole page: nothing is fetched and no script runs; it is light or dark as its reader prefers, and no wider than a
// phone. `svgs` are the charts by name; a chart that it lacks is left out. The headings of level 2 are the table of
// contents.
std::string ToHtml(const Document& document, const std::map<std::string, std::string>& svgs);

}  // namespace tbench
