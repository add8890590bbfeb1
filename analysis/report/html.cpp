#include "analysis/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <span>
#include <variant>

#include "analysis/charts/svg.h"
#include "analysis/charts/theme.h"
#include "analysis/tables/text.h"

namespace tbench {
namespace {

// The theme's colours are the variables of Variables(). Widths are relative: at 400 px a chart takes the whole column.
constexpr std::string_view kStyle = R"(
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
main{max-width:1240px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1.9rem;line-height:1.2;margin:.4em 0 .5em;letter-spacing:-.015em;text-wrap:balance}
h2{font-size:1.35rem;line-height:1.25;margin:2.2em 0 .6em;padding-top:.7em;border-top:1px solid var(--line)}
h3{font-size:1.08rem;margin:1.8em 0 .5em}
h4{font-size:1rem;margin:1.4em 0 .4em}
h1,h2,h3,h4{overflow-wrap:anywhere}
p,li{max-width:78ch;overflow-wrap:anywhere}
p{margin:.7em 0}
ul{margin:.7em 0;padding-left:1.25em}
li{margin:.3em 0}
li::marker{color:var(--muted)}
a{color:var(--link)}
code{font:.88em/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;background:var(--code);
border-radius:4px;padding:.1em .3em;overflow-wrap:anywhere}
nav{margin:1.2em 0;font-size:.92rem}
nav ul{display:flex;flex-wrap:wrap;gap:.35em .5em;margin:0;padding:0;list-style:none}
nav li{margin:0}
nav a{display:block;padding:.15em .7em;border:1px solid var(--line);border-radius:1em;text-decoration:none;
background:var(--card)}
nav a:hover{text-decoration:underline}
section:first-of-type{background:var(--card);border:1px solid var(--line);border-left:4px solid var(--link);
border-radius:8px;padding:.2em 1.1em .6em;margin:1.4em 0;max-width:56rem}
section:first-of-type h2{border:0;margin-top:.5em;padding-top:0}
.table{overflow-x:auto;margin:1em 0;border:1px solid var(--line);border-radius:8px;background:var(--card);
width:fit-content;max-width:100%}
table{border-collapse:collapse;font-size:.86rem;line-height:1.4;font-variant-numeric:tabular-nums}
th,td{padding:.35em .8em;text-align:left;vertical-align:top;white-space:nowrap}
th{font-weight:600;color:var(--muted);border-bottom:1px solid var(--line)}
td.long{white-space:normal;min-width:22em;overflow-wrap:anywhere}
.facts td{white-space:normal;overflow-wrap:anywhere}
.facts td:first-child{color:var(--muted);white-space:nowrap;overflow-wrap:normal}
tbody tr+tr td{border-top:1px solid var(--line)}
th.n,td.n{text-align:right}
th:first-child,td:first-child{position:sticky;left:0;background:var(--card)}
tbody tr:hover td{background:var(--code)}
.charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,350px),1fr));gap:14px;margin:1.2em 0;
align-items:start}
.charts.four{max-width:840px}
figure{margin:0;background:var(--card);border:1px solid var(--line);border-radius:8px;padding:6px;overflow:hidden}
figure svg{display:block;width:100%;max-width:460px;height:auto;margin:0 auto}
@media(max-width:480px){main{padding:12px 12px 48px}h1{font-size:1.5rem}figure{padding:2px}
section:first-of-type{padding:.1em .8em .5em}th,td{padding:.35em .6em}}
@media print{:root{--page:#fff}main{max-width:none;padding:0}nav{display:none}h2,h3{break-after:avoid}
figure,tr,section:first-of-type li{break-inside:avoid}.charts{grid-template-columns:1fr 1fr}
.table{overflow:visible;border:0}table{font-size:.7rem}th,td{white-space:normal}th:first-child,td:first-child{position:static}
body{font-size:11pt}}
)";

// Rows of a table that a page shows: browsers lay out no tens of thousands.
constexpr std::size_t kMostRows = 1000;

// Characters from which a text cell may break into lines.
constexpr std::size_t kLongCell = 48;

std::string Variables() {
  const auto variables = [](auto color) {
    return fmt::format("--text:{};--muted:{};--line:{};--card:{};--link:{};", color(Ink::kText), color(Ink::kMuted),
                       color(Ink::kGrid), color(Ink::kGround), color(Ink::kBlue));
  };
  return fmt::format(":root{{color-scheme:light dark;{}--page:#f6f7f9;--code:#eef0f3}}\n{}\n", variables(LightColor),
                     InTheDark(fmt::format(":root{{{}--page:#0e1116;--code:#232932}}", variables(DarkColor))));
}

// `code` and **strong**, which may hold code; what is not closed stands as it is.
std::string Inline(std::string_view text) {
  std::string html;
  bool open_strong = true;  // until nothing closes it any more: looking again each time is quadratic
  while (!text.empty()) {
    const std::size_t code_begin = text.find('`');
    const std::size_t begin = open_strong ? std::min(code_begin, text.find("**")) : code_begin;
    html += EscapedXml(text.substr(0, begin));
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const bool code = text.front() == '`';
    const std::string_view mark = text.substr(0, code ? 1 : 2);
    const std::size_t end = text.find(mark, mark.size());
    if (end == std::string_view::npos) {
      if (!code) open_strong = false;
      html += mark;
      text.remove_prefix(mark.size());
      continue;
    }
    const std::string_view inside = text.substr(mark.size(), end - mark.size());
    html +=
        code ? fmt::format("<code>{}</code>", EscapedXml(inside)) : fmt::format("<strong>{}</strong>", Inline(inside));
    text.remove_prefix(end + mark.size());
  }
  return html;
}

class Page {
 public:
  explicit Page(const Document& document) : document_(document) {}

  std::string Write() {
    for (const Block& block : document_.blocks) {
      std::visit([this](const auto& b) { Add(b); }, block);
    }
    if (in_section_) body_ += "</section>\n";
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n<main>\n{}</main>\n</body>\n</html>\n",
        EscapedXml(title_), Variables(), kStyle, body_);
  }

 private:
  void Add(const Heading& heading) {
    if (heading.level == 1) title_ = heading.text;
    if (heading.level == 2) {
      if (!in_section_) body_ += Contents();
      body_ += fmt::format("{}<section id=\"{}\">\n", in_section_ ? "</section>\n" : "", Slug(heading.text));
      in_section_ = true;
    }
    body_ += fmt::format("<h{0}>{1}</h{0}>\n", std::clamp(heading.level, 1, 6), Inline(heading.text));
  }
  void Add(const Paragraph& paragraph) { body_ += fmt::format("<p>{}</p>\n", Inline(paragraph.text)); }
  void Add(const BulletList& list) {
    body_ += "<ul>\n";
    for (const std::string& item : list.items) body_ += fmt::format("<li>{}</li>\n", Inline(item));
    body_ += "</ul>\n";
  }
  void Add(const Table& table) {
    // Without headings it is a list of facts. Focusable, so that it scrolls by keyboard too.
    const bool headed =
        std::ranges::any_of(table.columns, [](const Table::Column& column) { return !column.header.empty(); });
    body_ += fmt::format("<div class=\"table{}\" tabindex=\"0\"><table>\n", headed ? "" : " facts");
    if (headed) {
      body_ += "<thead><tr>";
      for (const Table::Column& column : table.columns) {
        body_ += fmt::format("<th scope=\"col\"{}>{}</th>", CellClass(column.align, ""), Inline(column.header));
      }
      body_ += "</tr></thead>\n";
    }
    body_ += "<tbody>\n";
    for (const std::vector<std::string>& row : std::span(table.rows).first(std::min(table.rows.size(), kMostRows))) {
      body_ += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i) {
        body_ += fmt::format("<td{}>{}</td>", CellClass(table.columns[i].align, row[i]), Inline(row[i]));
      }
      body_ += "</tr>\n";
    }
    body_ += "</tbody>\n</table></div>\n";
    if (table.rows.size() > kMostRows) {
      Add(Paragraph{
          fmt::format("The first {} of {} rows; `report.md` has all of them.", kMostRows, table.rows.size())});
    }
  }
  void Add(const ChartRow& row) {
    // Four are two by two rather than three and one.
    body_ += fmt::format("<div class=\"charts{}\">\n", row.charts.size() == 4 ? " four" : "");
    for (const Chart& chart : row.charts) body_ += fmt::format("<figure>\n{}</figure>\n", chart.svg);
    body_ += "</div>\n";
  }

  static std::string CellClass(Align align, const std::string& cell) {
    if (align == Align::kDecimal) return " class=\"n\"";
    return cell.size() >= kLongCell ? " class=\"long\"" : "";
  }

  std::string Contents() const {
    std::string items;
    for (const Block& block : document_.blocks) {
      const Heading* heading = std::get_if<Heading>(&block);
      if (heading == nullptr || heading->level != 2) continue;
      items += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", Slug(heading->text), Inline(heading->text));
    }
    return fmt::format("<nav aria-label=\"Contents\">\n<ul>\n{}</ul>\n</nav>\n", items);
  }

  const Document& document_;
  std::string title_ = "Report", body_;
  bool in_section_ = false;
};

}  // namespace

std::string ToHtml(const Document& document) { return Page(document).Write(); }

}  // namespace tbench
