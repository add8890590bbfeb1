#pragma once

#include <string>

#include "analysis/tables/table.h"

namespace tbench {

// A pipe table laid out as Python's tabulate does: columns at least two wider than their header, numbers aligned on the
// decimal point. Ends with a newline.
std::string ToMarkdown(const Table& table);

}  // namespace tbench
