// One or two runs as every report: texts of others stay text wherever they go, and no report outgrows its input.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "analysis/report/html.h"
#include "analysis/report/report.h"
#include "analysis/report/report_charts.h"
#include "analysis/report/summary.h"
#include "analysis/tables/csv.h"
#include "analysis/tables/document_markdown.h"
#include "analysis/tables/latex.h"
#include "tests/fuzz/made_run.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace tbench;

// Bytes of a report: what it says of no case, and what a byte of the input can add. A trial is a dot in a chart.
constexpr std::size_t kReportOfNothing = 100'000, kReportOfAByte = 300;

std::size_t Lines(const std::string& text) { return std::size_t(std::ranges::count(text, '\n')); }

// How many lines the block has in Markdown.
struct LinesOf {
  std::size_t operator()(const Heading&) const { return 1; }
  std::size_t operator()(const Paragraph&) const { return 1; }
  std::size_t operator()(const BulletList& list) const { return list.items.size(); }
  std::size_t operator()(const Table& table) const { return table.rows.size() + 2; }
  std::size_t operator()(const ChartRow& row) const { return row.charts.size(); }
};

void RequireShape(const std::string& markdown, const Document& document) {
  std::size_t lines = document.blocks.size() - 1;  // empty ones between them
  for (const Block& block : document.blocks) lines += std::visit(LinesOf{}, block);
  Require(Lines(markdown) == lines, "report.md has a line for each heading, paragraph, item and row", markdown);
}

void RequireSummary(const std::string& summary) {
  RequireMarkdown(summary);
  for (std::size_t begin = 0; begin < summary.size(); begin = summary.find('\n', begin) + 1) {
    const std::string_view line = std::string_view(summary).substr(begin);
    Require(line == "No results found." || std::string_view("#|\n").find(line.front()) != std::string_view::npos,
            "summary.md is of headings and tables", summary);
    if (line.find('\n') == std::string_view::npos) break;
  }
}

void RequireCharts(const Document& document) {
  for (const Block& block : document.blocks) {
    const auto* const row = std::get_if<ChartRow>(&block);
    if (row == nullptr) continue;
    for (const Chart& chart : row->charts) {
      RequireHtml(chart.svg);
      Require(!chart.name.empty() && chart.name.size() < 200 &&
                  std::ranges::all_of(
                      chart.name, [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; }),
              "a chart's name is a file's", chart.name);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::vector<RunFile> runs;
  std::size_t read = 0;
  for (const std::string& text : MakeFiles(bytes, size)) {
    runs.push_back(ParseRunFile(text));
    runs.back().source = fmt::format("{}/run.json", runs.size());
    read += text.size();
  }
  const Records records = ToRecords(runs);
  for (const std::string& problem : records.problems) RequireOneLine(problem);
  RequireOneLine(HardwareWarning(runs, records));

  RequireSummary(MakeSummary(records.records));
  for (const Table& table : {CompleteResultsUnrounded(records.records), TrialsTable(records.records)}) {
    RequireCsv(ToCsv(table), table.rows.size() + 1, table.columns.size());
  }
  const Table results = CompleteResults(records.records);
  Require(Lines(ToLatex(results)) == results.rows.size() + 7, "summary.tex has a line for each row");

  const JudgedRuns judged = JudgeRuns(runs, records);
  Document report = MakeReport(judged);
  AddCharts(report, judged.cases);
  RequireCharts(report);
  const std::string markdown = ToMarkdown(report), html = ToHtml(report);
  RequireMarkdown(markdown, /*pictures=*/true);
  RequireShape(markdown, report);
  RequireHtml(html);
  Require(std::max(markdown.size(), html.size()) <= kReportOfNothing + kReportOfAByte * read,
          "a report is not much larger than its runs", fmt::format("{} bytes of {}", html.size(), read));
  return 0;
}
