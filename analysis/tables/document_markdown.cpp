#include "analysis/tables/document_markdown.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "analysis/tables/markdown.h"
#include "model/support/one_line.h"

namespace tbench {
namespace {

// What Markdown would read as markup, beside `*`, or GitHub as a link where it stands.
bool IsMarkup(const std::string& text, std::size_t i) {
  if (std::string_view("<\\[]~@").find(text[i]) != std::string_view::npos) return true;
  return std::string_view(text).substr(i).starts_with("://") ||
         (text[i] == '.' && i >= 3 && std::string_view(text).substr(i - 3, 3) == "www");
}

// The position after the code that begins with the backticks at `begin`, as Markdown finds it: it ends with as many;
// `begin` if nothing ends it. `unclosed` keeps the numbers of backticks that nothing closes any more.
std::size_t EndOfCode(const std::string& text, std::size_t begin, std::set<std::size_t>& unclosed) {
  const std::size_t inside = std::min(text.find_first_not_of('`', begin), text.size());
  const std::size_t ticks = inside - begin;
  if (unclosed.contains(ticks)) return begin;
  for (std::size_t at = text.find('`', inside); at != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_not_of('`', at), text.size());
    if (end - at == ticks) return end;
    at = text.find('`', end);
  }
  unclosed.insert(ticks);
  return begin;
}

// Plain text with what Markdown would read as markup escaped; `code` and **strong** stay, in code nothing is escaped.
// Text of other people is in it: a backtick that no other one closes is text.
std::string Escaped(const std::string& given) {
  const std::string text = OneLine(given);
  std::string escaped;
  std::set<std::size_t> unclosed;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '`') {
      if (const std::size_t end = EndOfCode(text, i, unclosed); end > i) {
        escaped += text.substr(i, end - i);
        i = end - 1;
      } else {
        for (; i < text.size() && text[i] == '`'; ++i) escaped += "\\`";
        --i;
      }
      continue;
    }
    const bool doubled = c == '*' && ((i > 0 && text[i - 1] == '*') || (i + 1 < text.size() && text[i + 1] == '*'));
    if (IsMarkup(text, i) || (c == '*' && !doubled)) escaped += '\\';
    escaped += c;
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
