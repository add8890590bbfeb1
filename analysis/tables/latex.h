#pragma once

#include <string>

#include "analysis/tables/table.h"

namespace tbench {

// A tabular of the package booktabs, to be put into a table or onto a page of one's own.
std::string ToLatex(const Table& table);

}  // namespace tbench
