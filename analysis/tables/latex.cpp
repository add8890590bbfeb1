#include "analysis/tables/latex.h"

#include <string_view>

namespace tbench {
namespace {

std::string Escaped(const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\') {
      escaped += "\\textbackslash{}";
    } else if (c == '~' || c == '^') {
      escaped += std::string("\\") + c + "{}";
    } else {
      if (std::string_view("&%$#_{}").find(c) != std::string_view::npos) escaped += '\\';
      escaped += c;
    }
  }
  return escaped;
}

std::string Line(const std::vector<std::string>& cells) {
  std::string line;
  for (std::size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : " & ") + Escaped(cells[i]);
  return line + " \\\\\n";
}

}  // namespace

std::string ToLatex(const Table& table) {
  std::string alignment;
  std::vector<std::string> headers;
  for (const Table::Column& column : table.columns) {
    alignment += column.align == Align::kLeft ? 'l' : 'r';
    headers.push_back(column.header);
  }
  std::string text = "% needs \\usepackage{booktabs}\n\\begin{tabular}{" + alignment + "}\n\\toprule\n" +
                     Line(headers) + "\\midrule\n";
  for (const auto& row : table.rows) text += Line(row);
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace tbench
