// Runs a grid, one fresh process a case, and merges the results.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>

#include "benchmarks/sweep/against.h"
#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/merge.h"
#include "benchmarks/sweep/read_part.h"
#include "benchmarks/sweep/run_directory.h"
#include "benchmarks/sweep/sweep.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"
#include "model/support/one_line.h"
#include "model/support/program.h"

namespace tbench {
namespace {

constexpr const char* kDescription =
    "Runs every case of a grid in a process of its own and merges the results into RUN_DIR/run.json.\n"
    "Started again on the same RUN_DIR, it skips what is done and runs the rest.";

constexpr const char* kExamples = R"(
Examples:
  tbench_sweep --grid quick -o runs/quick
  tbench_sweep --models small,medium --contexts 512 --precisions fp32,bf16 -o runs/bf16 --case-timeout 600
  tbench_sweep --grid published --shard 0/2 -o runs/part0      # and 1/2 on another machine of the same kind
  tbench_sweep --grid published --shard slurm -o "runs/part$SLURM_ARRAY_TASK_ID"
  tbench_sweep merge runs/part0 runs/part1 -o runs/whole
  tbench_sweep --grid published -o runs/after --against runs/before --baseline-binary before/transformer_bench

RUN_DIR gets run.json (all cases, for tbench_summarize and compare.py), cases/ (each case's JSON and log) and sweep.json
(what the run is of); with --profile traces/, with --against gate.md and remeasured/.

Exit code: 0 all cases are good, 1 one failed (its row says why), 2 it could not run or write; 130 after Ctrl-C, 143
after SIGTERM, 129 after SIGHUP: what is done is merged, and the same command goes on.
With --against that of tbench_gate: 0 no case is worse than in the baseline, 1 some are, 2 they cannot be compared.)";

std::optional<std::string> EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

std::string ShellQuoted(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:,=+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string quoted = "'";
  for (const char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
  return quoted + "'";
}

// The grid's flags as they were given: what somebody types to get such a run. Where files lie is left out.
std::string Command(const ParsedLine& line, const SweepOptions& options) {
  std::string command = "tbench_sweep";
  for (const GivenFlag& flag : line.given) {
    if (flag.group == kGridGroup) command += fmt::format(" {} {}", flag.name, ShellQuoted(flag.value));
  }
  if (options.shard.count > 1) command += " --shard " + ToString(options.shard);
  if (options.profile) command += " --profile";
  return command;
}

constexpr long long kMaxSeconds = 30LL * 24 * 3600;

int Merge(const std::vector<std::string>& runs, const std::filesystem::path& directory) {
  std::vector<RunPart> parts;
  for (const std::string& run : runs) parts.push_back(ReadRunPart(run));
  const MergedRun merged = MergeRuns(std::move(parts));
  if (ReadManifest(directory)) {
    throw InputError(
        fmt::format("'{}' is a sweep's own directory; choose another for the merged run", directory.string()));
  }
  for (const std::string& run : runs) {
    std::error_code none_there;
    const bool is_folder = std::filesystem::is_directory(run);
    if (std::filesystem::equivalent(is_folder ? RunJson(run) : std::filesystem::path(run), RunJson(directory),
                                    none_there)) {
      throw InputError(fmt::format("merge: -o '{}' would replace '{}', which is merged", directory.string(), run));
    }
  }
  std::filesystem::create_directories(directory);
  WriteWholeFile(RunJson(directory), ToText(merged.json));
  for (const std::string& name : merged.missing) {
    PrintToStderr("tbench_sweep: warning: no run has " + OneLine(name));
  }
  std::cout << RunJson(directory).string() << "\n";
  RequireOutputWritten();
  return merged.missing.empty() ? kExitGood : kExitFailed;
}

void RequireOutput(const std::string& directory) {
  if (directory.empty()) throw InputError("-o RUN_DIR is required");
}

int Main(int argc, char** argv) {
  SweepOptions options;
  std::string directory, shard;
  const auto set_limit = [&](const std::string& text) {
    options.case_limit = std::chrono::seconds(ParseInteger("--case-timeout", text, 1, kMaxSeconds));
  };
  const auto set_binary = [&](const std::string& text) { options.binary = text; };
  AgainstOptions against;
  std::vector<std::string> runs;
  std::string merged_directory;

  CommandLine command_line{
      .name = "tbench_sweep", .description = kDescription, .footer = kExamples, .flags = GridFlags(options.flags)};
  command_line.flags.insert(
      command_line.flags.end(),
      {TextFlag("-o,--output", "RUN_DIR", directory, "Directory of the run; made if need be"),
       TextFlag("--shard", "I/N|slurm", shard, "Run the I-th of N parts, I from 0; slurm: as the array job's task"),
       {.name = "--case-timeout",
        .metavar = "SECONDS",
        .help = "End a case after so long (default: never)",
        .read = set_limit},
       SwitchFlag("--profile", options.profile,
                  "Also run one step of each case under a profiler, after its trials; traces go to RUN_DIR/traces"),
       SwitchFlag("--retry-failed", options.retry_failed, "Run the cases again that failed"),
       {.name = "--binary",
        .metavar = "PATH",
        .help = "The benchmark program (default: transformer_bench beside this one)",
        .read = set_binary}});
  std::ranges::copy(AgainstFlags(against), std::back_inserter(command_line.flags));
  command_line.subcommands = {
      {.name = "merge",
       .description = "Join runs of parts of a grid, made on machines of one kind",
       .flags = {ListFlag("RUN", "TEXT", runs, "Run directories, or their run.json"),
                 TextFlag("-o,--output", "RUN_DIR", merged_directory, "Directory of the merged run.json")}}};

  const ParsedLine line = ParseCommandLine(command_line, {argv + 1, argv + argc});
  if (line.done) return kExitGood;
  if (line.subcommand == "merge") {
    if (runs.empty()) throw InputError("merge: which runs? Expected RUN… -o RUN_DIR");
    RequireOutput(merged_directory);
    return Merge(runs, merged_directory);
  }
  RequireOutput(directory);
  options.directory = directory;
  if (options.binary.empty()) options.binary = DefaultBinary();
  if (!shard.empty()) options.shard = ParseShard(shard, EnvironmentVariable);
  options.command = Command(line, options);
  BuildGrid(options.flags.grid, false);  // refuses a bad grid before a process is started

  const Signals signals;
  try {
    const int code = line.Has("--against") ? RunSweepAgainst(options, against, signals) : RunSweep(options, signals);
    RequireOutputWritten();
    return code;
  } catch (const Interrupted& interrupted) {
    return 128 + interrupted.signal;
  }
}

}  // namespace
}  // namespace tbench

int main(int argc, char** argv) {
  return tbench::RunProgram("tbench_sweep", [&] { return tbench::Main(argc, argv); });
}
