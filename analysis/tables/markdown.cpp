#include "analysis/tables/markdown.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/tables/text.h"

namespace tbench {
namespace {

// Characters of a cell from its decimal point on; 0 for an integer.
std::size_t FractionWidth(const std::string& cell) {
  const std::size_t point = cell.find('.');
  return point == std::string::npos ? 0 : cell.size() - point;
}

std::string Escaped(const std::string& cell) {
  std::string escaped;
  for (const char c : cell) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

std::vector<std::string> ColumnCells(const Table& table, std::size_t column) {
  std::vector<std::string> cells;
  for (const auto& row : table.rows) cells.push_back(Escaped(row[column]));
  if (table.columns[column].align == Align::kLeft) return cells;
  std::size_t widest = 0;
  for (const std::string& cell : cells) widest = std::max(widest, IsNumber(cell) ? FractionWidth(cell) : 0);
  for (std::string& cell : cells) {
    if (IsNumber(cell)) cell.append(widest - FractionWidth(cell), ' ');
  }
  return cells;
}

std::string Padded(const std::string& cell, std::size_t width, Align align) {
  const std::string padding(width - CharacterCount(cell), ' ');
  return align == Align::kLeft ? cell + padding : padding + cell;
}

}  // namespace

std::string ToMarkdown(const Table& table) {
  std::string header = "|", rule = "|";
  std::vector<std::string> lines(table.rows.size(), "|");
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& [title, align] = table.columns[i];
    const std::vector<std::string> cells = ColumnCells(table, i);
    std::size_t width = title.size() + 2;
    for (const std::string& cell : cells) width = std::max(width, CharacterCount(cell));
    header += fmt::format(" {} |", Padded(title, width, align));
    rule += align == Align::kLeft ? ":" + std::string(width + 1, '-') + "|" : std::string(width + 1, '-') + ":|";
    for (std::size_t row = 0; row < cells.size(); ++row) {
      lines[row] += fmt::format(" {} |", Padded(cells[row], width, align));
    }
  }
  std::string text = header + "\n" + rule + "\n";
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

}  // namespace tbench
