#include <fmt/format.h>

#include <filesystem>
#include <set>
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

Exit code: 0 all was read and may be right; 1 the report is written, and stderr says what was left out or is implausible;
2 nothing could be read, or a file or the output could not be written.)";

struct Options {
  std::vector<std::string> runs;
  std::string output;
  bool csv = false, trials_csv = false, latex = false, print = false;
};

// A file of the report by its name in the folder.
struct ReportFile {
  fs::path name;
  std::string text;
};

// A table that has a file only where it was asked for.
struct TableFile {
  fs::path name;
  bool wanted;
  std::string (*make)(const std::vector<Record>&);
};

std::vector<TableFile> TableFiles(const Options& options) {
  using Records = std::vector<Record>;
  return {
      {"summary.csv", options.csv, [](const Records& records) { return ToCsv(CompleteResultsUnrounded(records)); }},
      {"trials.csv", options.trials_csv, [](const Records& records) { return ToCsv(TrialsTable(records)); }},
      {"summary.tex", options.latex, [](const Records& records) { return ToLatex(CompleteResults(records)); }},
  };
}

// All of them are made before the first is written: no new summary stands beside an old report.
std::vector<ReportFile> MakeFiles(const JudgedRuns& judged, const Options& options) {
  const Records& records = judged.records;
  std::vector<ReportFile> files{{"summary.md", MakeSummary(records.records)}};
  Document report = MakeReport(judged);
  AddCharts(report, judged.cases);
  for (const Block& block : report.blocks) {
    const auto* const row = std::get_if<ChartRow>(&block);
    if (row == nullptr) continue;
    for (const Chart& chart : row->charts) files.push_back({fs::path("charts") / (chart.name + ".svg"), chart.svg});
  }
  files.push_back({"report.md", ToMarkdown(report)});
  files.push_back({"report.html", ToHtml(report)});
  for (const TableFile& file : TableFiles(options)) {
    if (file.wanted) files.push_back({file.name, file.make(records.records)});
  }
  return files;
}

// The folder of the report. A run that came through a pipe or a descriptor lies in none.
fs::path ReportFolder(const Options& options) {
  if (!options.output.empty()) return options.output;
  const fs::path run = RunFilePath(options.runs.front());
  if (!fs::is_regular_file(run) || IsOwnDescriptor(run)) {
    throw InputError(fmt::format("{} is no file in a folder: name the report's with -o", run.string()));
  }
  return run.parent_path();
}

void RequireSafe(const std::vector<ReportFile>& files, const Options& options, const std::vector<RunFile>& runs,
                 const fs::path& folder) {
  // A run may come from other people: its links lead anywhere.
  if (fs::is_symlink(folder / "charts")) {
    throw InputError(fmt::format("{} is a link, and no report is written through it", (folder / "charts").string()));
  }
  std::vector<fs::path> names;
  for (const ReportFile& file : files) names.push_back(file.name);
  for (const TableFile& file : TableFiles(options)) names.push_back(file.name);
  for (const fs::path& name : names) {
    for (const RunFile& run : runs) {
      std::error_code none_there;
      if (fs::equivalent(folder / name, run.source, none_there)) {
        throw InputError(fmt::format("{} is a run and would be replaced; name another folder with -o", run.source));
      }
    }
  }
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

// The charts that the report there shows.
std::set<fs::path> ChartsOfEarlierReport(const fs::path& folder) {
  std::set<fs::path> charts;
  if (!fs::is_regular_file(fs::symlink_status(folder / "report.md"))) return charts;
  const std::string report = ReadFile(folder / "report.md");
  constexpr std::string_view kMark = "](charts/";
  for (std::size_t at = 0; (at = report.find(kMark, at)) != std::string::npos; ++at) {
    const std::size_t begin = at + kMark.size();
    const std::string name = report.substr(begin, report.find(')', begin) - begin);
    if (name.ends_with(".svg") && name.find('/') == std::string::npos) charts.insert(fs::path("charts") / name);
  }
  return charts;
}

// What the earlier report had and this one has not would be taken for this one's. A table is a report's if it begins as
// one.
void RemoveStale(const std::vector<ReportFile>& files, const Options& options, const std::vector<Record>& records,
                 std::set<fs::path> charts, const fs::path& folder) {
  for (const ReportFile& file : files) charts.erase(file.name);
  for (const TableFile& file : TableFiles(options)) {
    const fs::path path = folder / file.name;
    if (file.wanted || !fs::is_regular_file(fs::symlink_status(path))) continue;
    if (FirstLine(ReadFile(path)) == FirstLine(file.make(records))) fs::remove(path);
  }
  for (const fs::path& chart : charts) fs::remove(folder / chart);
}

void WriteFiles(const std::vector<ReportFile>& files, const Options& options, const std::vector<Record>& records,
                const fs::path& folder) {
  if (!folder.empty()) fs::create_directories(folder);
  const std::set<fs::path> earlier_charts = ChartsOfEarlierReport(folder);
  for (const ReportFile& file : files) {
    if (file.name.has_parent_path()) fs::create_directories(folder / file.name.parent_path());
    WriteWholeFile(folder / file.name, file.text);
  }
  RemoveStale(files, options, records, earlier_charts, folder);
}

int Summarize(const Options& options) {
  std::vector<RunFile> runs;
  std::size_t rows = 0;
  for (const std::string& given : options.runs) {
    runs.push_back(ReadRun(given));
    rows += runs.back().rows.size();
  }
  const Records read = ToRecords(runs);
  const std::vector<std::string>& problems = read.problems;
  for (const std::string& problem : problems) PrintToStderr("tbench_summarize: " + problem);
  if (const std::string warning = HardwareWarning(runs, read); !warning.empty()) {
    PrintToStderr("tbench_summarize: warning: " + warning);
  }
  if (rows == 0 && !problems.empty()) throw InputError("nothing can be read; no report was written");

  const JudgedRuns judged = JudgeRuns(runs, read);
  bool plausible = true;
  for (const JudgedCase& c : judged.cases) {
    if (c.implausible.empty()) continue;
    plausible = false;
    PrintToStderr(fmt::format("tbench_summarize: {} is implausible: {}", CaseName(c.record.c), c.implausible));
  }

  const fs::path folder = ReportFolder(options);
  const std::vector<ReportFile> files = MakeFiles(judged, options);
  RequireSafe(files, options, runs, folder);
  WriteFiles(files, options, read.records, folder);
  if (options.print) fmt::print("{}", files.front().text);
  RequireOutputWritten();
  return problems.empty() && plausible ? kExitGood : kExitFailed;
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
