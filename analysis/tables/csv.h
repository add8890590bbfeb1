#pragma once

#include <string>

#include "analysis/tables/table.h"

namespace tbench {

// RFC 4180 but for its line ends, which are '\n'. A cell that a spreadsheet would take for a formula begins with an
// apostrophe.
std::string ToCsv(const Table& table);

}  // namespace tbench
