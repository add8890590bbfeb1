// Compares two runs and sets the exit code.

#include <fmt/format.h>

#include <filesystem>

#include "analysis/gate/comparison.h"
#include "analysis/gate/gate_flags.h"
#include "analysis/gate/gate_report.h"
#include "analysis/read/read_run.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"
#include "model/support/program.h"

namespace {

using namespace tbench;

constexpr const char* kDescription =
    "Reports which cases became slower from one run to another, and fails if any did.\n"
    "A case is slower if its median grew by more than the threshold and the Mann-Whitney U test agrees.";

constexpr const char* kExamples = R"(
Examples:
  tbench_gate runs/before runs/after
  tbench_gate baseline/run.json runs/after --threshold 2% --markdown summary.md

Exit code: 0 no case is worse; 1 some are slower, missing or newly failing, or a part of a run cannot be read; 2 the runs
cannot be compared: unreadable, of other hardware, without a common case, implausible, or with too few trials to tell.)";

struct Options {
  std::string baseline, contender, markdown;
  GateOptions gate;
};

bool IsSummary(const std::string& text) {
  return text.starts_with("### Passed: ") || text.starts_with("### Failed: ") || text.starts_with("### Undecided: ");
}

// Of an earlier comparison: it must not be taken for this one's.
void RemoveEarlierSummary(const std::string& markdown) {
  std::error_code error;
  const std::filesystem::path file = std::filesystem::canonical(markdown, error);
  if (error || IsOwnDescriptor(markdown) || !std::filesystem::is_regular_file(file)) return;
  if (IsSummary(ReadFile(file))) std::filesystem::remove(file, error);
}

void RequireNoInput(const Options& options) {
  for (const std::string& run : {options.baseline, options.contender}) {
    std::error_code none_there;
    if (std::filesystem::equivalent(RunFilePath(run), options.markdown, none_there)) {
      throw InputError(fmt::format("--markdown {} is a run that is compared; name another file", options.markdown));
    }
  }
}

Comparison Compare(const Options& options) {
  try {
    if (!options.markdown.empty()) RequireNoInput(options);
    return CompareRuns(ReadRun(options.baseline), ReadRun(options.contender), options.gate);
  } catch (...) {
    RemoveEarlierSummary(options.markdown);
    throw;
  }
}

int Gate(const Options& options) {
  const Comparison comparison = Compare(options);
  fmt::print("{}", ToText(comparison, options.gate));  // before the file: a folder that is missing loses nothing
  if (!options.markdown.empty()) {
    WriteWholeFile(options.markdown, ToMarkdown(comparison, options.gate), Named::kByUser);
  }
  RequireOutputWritten();
  return int(Judge(comparison, options.gate));
}

}  // namespace

int main(int argc, char** argv) {
  return RunProgram("tbench_gate", [&] {
    Options options;
    CommandLine line{.name = "tbench_gate",
                     .description = kDescription,
                     .footer = kExamples,
                     .flags = GateFlags("Rules", options.gate)};
    line.flags.insert(line.flags.end(),
                      {TextFlag("BASELINE", "TEXT", options.baseline,
                                "The run to compare with: a run.json or the folder that holds it"),
                       TextFlag("CONTENDER", "TEXT", options.contender, "The run to judge"),
                       TextFlag("--markdown", "FILE", options.markdown, "Also write a summary for a pull request")});
    if (ParseCommandLine(line, {argv + 1, argv + argc}).done) return kExitGood;
    if (options.contender.empty()) throw InputError("name two runs: BASELINE CONTENDER");
    return Gate(options);
  });
}
