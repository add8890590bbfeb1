#include "tests/fuzz/promises.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace tbench {
namespace {

constexpr auto kNone = std::string_view::npos;

bool Contains(std::string_view text, std::string_view part) { return text.find(part) != kNone; }

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

bool IsControl(std::string_view text, std::size_t i) {
  const auto byte = static_cast<unsigned char>(text[i]);
  const bool c1 = byte >= 0x80 && byte < 0xA0 && i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xC2;
  return byte < 0x20 || byte == 0x7F || c1;
}

// The text without code as CommonMark finds it: n backticks to the next n backticks; others are text.
std::string WithoutCode(std::string_view text) {
  std::string rest;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      rest += text.substr(i, 2);
      i += 2;
      continue;
    }
    if (text[i] != '`') {
      rest += text[i++];
      continue;
    }
    const std::size_t inside = std::min(text.find_first_not_of('`', i), text.size());
    std::size_t end = kNone;
    for (std::size_t at = text.find('`', inside); at != kNone && end == kNone;) {
      const std::size_t after = std::min(text.find_first_not_of('`', at), text.size());
      if (after - at == inside - i) end = after;
      at = text.find('`', after);
    }
    rest += end == kNone ? text.substr(i, inside - i) : std::string_view("code");
    i = end == kNone ? inside : end;
  }
  return rest;
}

void RequireNoMarkup(std::string_view text) {
  const std::string rest = WithoutCode(text);
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const std::string_view at = std::string_view(rest).substr(i);
    const bool tag =
        at[0] == '<' && at.size() > 1 &&
        (std::isalpha(static_cast<unsigned char>(at[1])) != 0 || std::string_view("/!?").find(at[1]) != kNone);
    const bool markup = tag || at[0] == '[' || at.starts_with("://") || at.starts_with("www.");
    Require(!markup, "Markdown holds no markup of others", text);
    if (at[0] == '\\') ++i;
  }
}

// A table's cells: a '|' after a backslash is text, in code too.
std::vector<std::string_view> CellsOf(std::string_view line) {
  std::vector<std::string_view> cells;
  std::size_t begin = 1;
  for (std::size_t i = 1; i < line.size(); ++i) {
    if (line[i] != '|' || line[i - 1] == '\\') continue;
    cells.push_back(line.substr(begin, i - begin));
    begin = i + 1;
  }
  Require(begin == line.size(), "a table's line ends with a cell's end", line);
  return cells;
}

constexpr std::array<std::string_view, 43> kTags{
    "html", "head",   "meta", "title", "link",   "style",    "body",  "main",   "h1",   "h2",    "h3",
    "h4",   "h5",     "h6",   "p",     "ul",     "li",       "a",     "nav",    "div",  "table", "thead",
    "tr",   "th",     "td",   "tbody", "code",   "section",  "svg",   "figure", "rect", "path",  "text",
    "desc", "strong", "g",    "line",  "circle", "polyline", "tspan", "defs",   "use",  "marker"};
constexpr std::array<std::string_view, 3> kVoid{"meta", "link", "!DOCTYPE"};

struct Tag {
  std::string_view name, attributes;
  bool closes = false, is_empty = false;
  std::size_t end = 0;  // the position after it
};

Tag TagAt(std::string_view text, std::size_t begin) {
  Tag tag;
  std::size_t i = begin + 1;
  tag.closes = i < text.size() && text[i] == '/';
  if (tag.closes) ++i;
  const std::size_t name = i;
  while (i < text.size() && (std::isalnum(static_cast<unsigned char>(text[i])) != 0 || text[i] == '!')) ++i;
  tag.name = text.substr(name, i - name);
  const std::size_t end = text.find('>', i);
  Require(end != kNone, "a tag ends", text.substr(begin));
  tag.attributes = text.substr(i, end - i);
  tag.is_empty = tag.attributes.ends_with('/');
  if (tag.is_empty) tag.attributes.remove_suffix(1);
  tag.end = end + 1;
  return tag;
}

// ` key="value"`, any number of times; no value is a program, nor an address but one on the page or beside it.
void RequireAttributes(std::string_view text) {
  for (std::string_view rest = text; !rest.empty() && rest != " html";) {
    const std::size_t equals = rest.find("=\"");
    Require(rest[0] == ' ' && equals != kNone, "an attribute is a key and a value in quotes", text);
    const std::string_view key = rest.substr(1, equals - 1);
    const auto in_key = [](char c) { return (c >= 'a' && c <= 'z') || c == '-' || c == 'B'; };
    Require(!key.empty() && std::ranges::all_of(key, in_key), "an attribute's key is a word", text);
    Require(!key.starts_with("on") && key != "src" && key != "style", "no attribute runs or fetches anything", text);
    rest.remove_prefix(equals + 2);
    const std::size_t quote = rest.find('"');
    Require(quote != kNone, "an attribute's value ends", text);
    const std::string_view value = rest.substr(0, quote);
    if (key == "href") Require(value.starts_with('#') || value == "data:,", "a link stays on the page", text);
    const bool drawn = key == "d" || key == "x" || key == "y" || key == "width" || key == "height";
    if (drawn) Require(!Contains(value, "nan") && !Contains(value, "inf"), "a picture has numbers", text);
    rest.remove_prefix(quote + 1);
  }
}

}  // namespace

void Require(bool promise, std::string_view what, std::string_view text) {
  if (promise) return;
  std::fprintf(stderr, "BROKEN PROMISE: %.*s\n%.*s\n", int(what.size()), what.data(), int(text.size()), text.data());
  std::abort();
}

void RequireOneLine(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) Require(!IsControl(text, i), "a line has no control character", text);
  Require(!text.starts_with("::") && !Contains(text, " ::") && !Contains(text, "##["),
          "a line holds no workflow command", text);
}

void RequireTerminalText(std::string_view text) {
  for (const std::string_view line : LinesOf(text)) RequireOneLine(line);
}

void RequireMarkdown(std::string_view text, bool pictures) {
  std::size_t columns = 0;  // of the table that the line is in
  for (std::string_view line : LinesOf(text)) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      Require(!IsControl(line, i), "Markdown has no control character", line);
    }
    if (line.starts_with('|')) {
      const std::vector<std::string_view> cells = CellsOf(line);
      Require(columns == 0 || cells.size() == columns, "a table's lines have equally many cells", line);
      columns = cells.size();
      for (const std::string_view cell : cells) RequireNoMarkup(cell);
      continue;
    }
    columns = 0;
    if (pictures && line.starts_with("![") && line.ends_with(".svg)")) {
      const std::size_t link = line.rfind("](charts/");
      Require(link != kNone, "a picture lies in charts", line);
      line = line.substr(2, link - 2);
    }
    RequireNoMarkup(line);
  }
}

void RequireHtml(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    Require(text[i] == '\n' || text[i] == '\t' || static_cast<unsigned char>(text[i]) >= 0x20,
            "HTML has no control character", text.substr(0, i));
  }
  std::vector<std::string_view> open;
  for (std::size_t at = text.find('<'); at != kNone; at = text.find('<', at)) {
    const Tag tag = TagAt(text, at);
    at = tag.end;
    const auto is = [&tag](std::string_view name) { return tag.name == name; };
    const bool is_void = std::ranges::any_of(kVoid, is);
    Require(is_void || std::ranges::any_of(kTags, is), "a tag is one of ours", tag.name);
    RequireAttributes(tag.attributes);
    if (tag.closes) {
      Require(!open.empty() && open.back() == tag.name, "tags are nested", tag.name);
      open.pop_back();
    } else if (!is_void && !tag.is_empty) {
      open.push_back(tag.name);
    }
  }
  Require(open.empty(), "every tag is closed", open.empty() ? "" : open.back());
}

void RequireCsv(std::string_view text, std::size_t rows, std::size_t columns) {
  std::vector<std::string> cells(1);
  std::size_t records = 0;
  bool quoted = false;
  const auto end_cell = [&] {
    const std::string& cell = cells.back();
    const bool formula = !cell.empty() && Contains("=+-@\t\r", cell.substr(0, 1));
    const bool number = std::ranges::all_of(cell, [](char c) { return Contains("0123456789+-.einfa", {&c, 1}); });
    Require(!formula || (number && cell.size() > 1), "no cell is a formula", cell);
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < text.size() && text[i + 1] == '"';
      if (doubled) cells.back() += text[i++];
      if (!doubled) quoted = !quoted;
    } else if (!quoted && (c == ',' || c == '\n')) {
      end_cell();
      if (c == ',') {
        cells.emplace_back();
        continue;
      }
      Require(cells.size() == columns, "a record has a cell for each column", text);
      ++records;
      cells.assign(1, "");
    } else {
      cells.back() += c;
    }
  }
  Require(!quoted && records == rows, "there is a record for each row", text);
}

}  // namespace tbench
