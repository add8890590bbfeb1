#pragma once

#include <string>
#include <vector>

namespace tbench {

enum class Align { kLeft, kDecimal };

// Cells as text. A cell of a kDecimal column that is no number stands where the reason of a failure is told.
struct Table {
  struct Column {
    std::string header;
    Align align;
  };
  std::vector<Column> columns;
  std::vector<std::vector<std::string>> rows;  // as many cells as columns
};

// The table without the columns in which every cell is empty.
Table WithoutEmptyColumns(const Table& table);

// Whether the whole cell is a decimal number or nan.
bool IsNumber(const std::string& cell);

}  // namespace tbench
