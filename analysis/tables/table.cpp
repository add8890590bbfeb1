#include "analysis/tables/table.h"

#include <algorithm>
#include <charconv>

namespace tbench {

Table WithoutEmptyColumns(const Table& table) {
  Table full;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (std::ranges::all_of(table.rows, [&](const auto& row) { return row[i].empty(); })) continue;
    full.columns.push_back(table.columns[i]);
    full.rows.resize(table.rows.size());
    for (std::size_t row = 0; row < table.rows.size(); ++row) full.rows[row].push_back(table.rows[row][i]);
  }
  return full;
}

bool IsNumber(const std::string& cell) {
  double value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  return error == std::errc{} && end == cell.data() + cell.size();
}

}  // namespace tbench
