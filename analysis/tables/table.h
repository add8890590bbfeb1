#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tbench {

enum class Align { kLeft, kDecimal };

// Cells as text. A cell of a kDecimal column that is no number holds the reason of a failure.
struct Table {
  struct Column {
    std::string header;
    Align align;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

// What a table of `Row`s shows of each.
template <class Row>
struct Column {
  std::string header;
  Align align;
  std::function<std::string(const Row&)> cell;
};

template <class Row>
Table MakeTable(const std::vector<Column<Row>>& columns, const std::vector<Row>& rows) {
  Table table;
  for (const Column<Row>& column : columns) table.columns.push_back({column.header, column.align});
  for (const Row& row : rows) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const Column<Row>& column : columns) cells.push_back(column.cell(row));
  }
  return table;
}

// The table without the columns in which every cell is empty.
Table WithoutEmptyColumns(const Table& table);

// Whether the whole cell is a decimal number or nan.
bool IsNumber(const std::string& cell);

}  // namespace tbench
