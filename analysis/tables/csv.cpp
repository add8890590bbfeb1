#include "analysis/tables/csv.h"

#include <string_view>

namespace tbench {
namespace {

// A spreadsheet would compute what begins like this: an apostrophe makes it text.
std::string AsText(const std::string& cell) {
  const bool formula = !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
  return formula && !IsNumber(cell) ? "'" + cell : cell;
}

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string Line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + Quoted(AsText(cells[i]));
  return line + '\n';
}

}  // namespace

std::string ToCsv(const Table& table) {
  std::vector<std::string> headers;
  for (const Table::Column& column : table.columns) headers.push_back(column.header);
  std::string text = Line(headers);
  for (const auto& row : table.rows) text += Line(row);
  return text;
}

}  // namespace tbench
