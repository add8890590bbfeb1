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

int Gate(const Options& options) {
  // A summary of an earlier comparison must not be taken for this one's.
  if (std::filesystem::is_regular_file(options.markdown)) std::filesystem::remove(options.markdown);
  const Comparison comparison = CompareRuns(ReadRun(options.baseline), ReadRun(options.contender), options.gate);
  if (!options.markdown.empty()) WriteWholeFile(options.markdown, ToMarkdown(comparison, options.gate));
  fmt::print("{}", ToText(comparison, options.gate));
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
