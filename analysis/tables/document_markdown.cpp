#include "analysis/tables/document_markdown.h"

#include <fmt/format.h>

#include "analysis/tables/markdown.h"

namespace tbench {
namespace {

// Plain text with what Markdown would read as markup escaped; `code` and **strong** stay, in code nothing is escaped.
std::string Escaped(const std::string& text) {
  constexpr std::string_view kMarkup = "<\\[]~";
  std::string escaped;
  bool in_code = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '`') in_code = !in_code;
    const bool doubled = c == '*' && ((i > 0 && text[i - 1] == '*') || (i + 1 < text.size() && text[i + 1] == '*'));
    const bool is_markup = kMarkup.find(c) != std::string_view::npos || (c == '*' && !doubled);
    if (!in_code && is_markup) escaped += '\\';
    escaped += c == '\n' ? ' ' : c;
  }
  return escaped;
}

Table Escaped(Table table) {
  for (auto& row : table.rows) {
    for (std::string& cell : row) cell = Escaped(cell);
  }
  return table;
}

struct ToText {
  std::string operator()(const Heading& heading) const {
    return std::string(std::size_t(heading.level), '#') + " " + Escaped(heading.text) + "\n";
  }
  std::string operator()(const Paragraph& paragraph) const { return Escaped(paragraph.text) + "\n"; }
  std::string operator()(const BulletList& list) const {
    std::string text;
    for (const std::string& item : list.items) text += "* " + Escaped(item) + "\n";
    return text;
  }
  std::string operator()(const Table& table) const { return ToMarkdown(Escaped(table)); }
  std::string operator()(const ChartRow& row) const {
    std::string text;
    for (const Chart& chart : row.charts) text += fmt::format("![{}](charts/{}.svg)\n", Escaped(chart.alt), chart.name);
    return text;
  }
};

}  // namespace

std::string ToMarkdown(const Document& document) {
  std::string text;
  for (const Block& block : document.blocks) text += (text.empty() ? "" : "\n") + std::visit(ToText{}, block);
  return text;
}

}  // namespace tbench
