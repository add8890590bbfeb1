#include "analysis/tables/csv.h"

namespace tbench {
namespace {

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

std::string Line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : ",") + Quoted(cells[i]);
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
