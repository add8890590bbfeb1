#include <fmt/format.h>

#include <cstdio>
#include <filesystem>
#include <variant>

#include "analysis/read/read_run.h"
#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "analysis/report/html.h"
#include "analysis/report/report.h"
#include "analysis/report/report_charts.h"
#include "analysis/report/summary.h"
#include "analysis/tables/csv.h"
#include "analysis/tables/document_markdown.h"
#include "analysis/tables/latex.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"
#include "model/support/program.h"

namespace {

namespace fs = std::filesystem;
using namespace tbench;

constexpr const char* kDescription =
    "Writes the reports of one or several runs: summary.md, report.md, report.html and, on request, CSV and LaTeX.";

constexpr const char* kExamples = R"(
Examples:
  tbench_summarize runs/mine                        writes summary.md, report.md and report.html there
  tbench_summarize a/run.json b/run.json -o report  one report of two runs of different cases
  tbench_summarize runs/mine peers.json             beside what peers of it take (benchmarks/peers)
  tbench_summarize runs/mine --csv --trials-csv --latex --print

Exit code: 0 all was read, 1 something was left out and reported on stderr, 2 nothing could be read, or a file or the
output could not be written.)";

struct Options {
  std::vector<std::string> runs;
  std::string output;
  bool csv = false, trials_csv = false, latex = false, print = false;
};

// report.md, report.html and, for both, charts/.
void WriteReport(const std::vector<RunFile>& runs, const Records& records, const fs::path& folder) {
  const JudgedRuns judged = JudgeRuns(runs, records);
  Document report = MakeReport(judged);
  AddCharts(report, judged.cases);
  for (const Block& block : report.blocks) {
    const auto* const row = std::get_if<ChartRow>(&block);
    if (row == nullptr) continue;
    fs::create_directories(folder / "charts");
    for (const Chart& chart : row->charts) WriteWholeFile(folder / "charts" / (chart.name + ".svg"), chart.svg);
  }
  WriteWholeFile(folder / "report.md", ToMarkdown(report));
  WriteWholeFile(folder / "report.html", ToHtml(report));
}

int Summarize(const Options& options) {
  std::vector<RunFile> runs;
  std::size_t rows = 0;
  for (const std::string& given : options.runs) {
    runs.push_back(ReadRun(given));
    rows += runs.back().rows.size();
  }
  const Records read = ToRecords(runs);
  const std::vector<Record>& records = read.records;
  const std::vector<std::string>& problems = read.problems;
  for (const std::string& problem : problems) fmt::print(stderr, "tbench_summarize: {}\n", problem);
  if (const std::string warning = HardwareWarning(runs, read); !warning.empty()) {
    fmt::print(stderr, "tbench_summarize: warning: {}\n", warning);
  }
  if (rows == 0 && !problems.empty()) throw InputError("nothing can be read; no report was written");

  const fs::path folder =
      options.output.empty() ? RunFilePath(options.runs.front()).parent_path() : fs::path(options.output);
  if (!folder.empty()) fs::create_directories(folder);
  const std::string summary = MakeSummary(records);
  WriteWholeFile(folder / "summary.md", summary);
  WriteReport(runs, read, folder);
  if (options.csv) WriteWholeFile(folder / "summary.csv", ToCsv(CompleteResultsUnrounded(records)));
  if (options.trials_csv) WriteWholeFile(folder / "trials.csv", ToCsv(TrialsTable(records)));
  if (options.latex) WriteWholeFile(folder / "summary.tex", ToLatex(CompleteResults(records)));
  if (options.print) fmt::print("{}", summary);
  RequireOutputWritten();
  return problems.empty() ? kExitGood : kExitFailed;
}

}  // namespace

int main(int argc, char** argv) {
  return RunProgram("tbench_summarize", [&] {
    Options options;
    const CommandLine line{
        .name = "tbench_summarize",
        .description = kDescription,
        .footer = kExamples,
        .flags = {
            ListFlag("RUN", "TEXT", options.runs,
                     "run.json files of Google Benchmark's JSON, or the folders that hold them"),
            TextFlag("-o,--output", "TEXT", options.output, "Folder for the report (default: that of the first run)"),
            SwitchFlag("--csv", options.csv, "Also summary.csv: the first table, with all digits"),
            SwitchFlag("--trials-csv", options.trials_csv, "Also trials.csv: every trial"),
            SwitchFlag("--latex", options.latex, "Also summary.tex: the first table"),
            SwitchFlag("--print", options.print, "Also print summary.md")}};
    if (ParseCommandLine(line, {argv + 1, argv + argc}).done) return kExitGood;
    if (options.runs.empty()) throw InputError("name at least one run: a run.json or the folder that holds it");
    return Summarize(options);
  });
}
