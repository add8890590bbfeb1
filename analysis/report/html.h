#pragma once

#include <string>

#include "analysis/tables/document.h"

namespace tbench {

// The whole page: nothing is fetched and no script runs; it is light or dark as its reader prefers, and no wider than a
// phone. The headings of level 2 are the table of contents.
std::string ToHtml(const Document& document);

}  // namespace tbench
