#include "analysis/latex.h"

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

}  // namespace

std::string ToLatex(const Table& table) {
  std::string alignment, header;
  for (const Table::Column& column : table.columns) {
    alignment += column.align == Align::kLeft ? 'l' : 'r';
    header += (header.empty() ? "" : " & ") + Escaped(column.header);
  }
  std::string text = "% needs \\usepackage{booktabs}\n\\begin{tabular}{" + alignment + "}\n\\toprule\n" + header +
                     " \\\\\n\\midrule\n";
  for (const auto& row : table.rows) {
    for (std::size_t i = 0; i < row.size(); ++i) text += (i == 0 ? "" : " & ") + Escaped(row[i]);
    text += " \\\\\n";
  }
  return text + "\\bottomrule\n\\end{tabular}\n";
}

}  // namespace tbench
