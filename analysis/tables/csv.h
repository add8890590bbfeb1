#pragma once

#include <string>

#include "analysis/tables/table.h"

namespace tbench {

// RFC 4180 but for its line ends, which are '\n'.
std::string ToCsv(const Table& table);

}  // namespace tbench
