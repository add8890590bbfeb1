#include "analysis/csv.h"

namespace tbench {
namespace {

std::string Quoted(const std::string& cell) {
  if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

}  // namespace

std::string ToCsv(const Table& table) {
  std::string text;
  for (const Table::Column& column : table.columns) text += (text.empty() ? "" : ",") + Quoted(column.header);
  text += '\n';
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : ",") + Quoted(row[i]);
    text += '\n';
  }
  return text;
}

}  // namespace tbench
