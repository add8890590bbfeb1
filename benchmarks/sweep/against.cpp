#include "benchmarks/sweep/against.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>
#include <vector>

#include "analysis/gate/gate_flags.h"
#include "analysis/gate/gate_report.h"
#include "analysis/read/read_run.h"
#include "analysis/read/record.h"
#include "analysis/statistics/u_test.h"
#include "analysis/tables/text.h"
#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/measuring_process.h"
#include "benchmarks/sweep/progress.h"
#include "benchmarks/sweep/run_directory.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr const char* kReportName = "gate.md";
constexpr const char* kProgramsName = "programs.txt";
constexpr const char* kGroup = "Against";
constexpr std::int64_t kMaxRounds = 1000;

// One of the two programs that are compared.
struct Program {
  const char* name;  // of its files
  fs::path binary;
  std::string hash;  // of the binary when it was described
  Description description;
};

Program MakeProgram(const char* name, const fs::path& binary, const BenchFlags& flags, const Signals& signals) {
  Program program{.name = name, .binary = binary, .hash = {}, .description = Describe(binary, flags, signals)};
  program.hash = HashOfFile(binary);
  return program;
}

// The trials of a process's file, in µs, or why there are none.
void AddTrials(const CaseFile& file, std::vector<std::vector<double>>& trials, std::optional<std::string>& error) {
  if (file.failed()) {
    error = file.error;
    return;
  }
  const Records read = ToRecords({ParseRunFile(ToText(file.json))});
  if (read.records.empty()) {
    error = "failed: " + read.problems.front();
    return;
  }
  std::vector<double>& times = trials.emplace_back();
  for (const TimedTrial& trial : read.records.front().trials) times.push_back(trial.time_us);
}

// Measures cases again, in a sweep's directory.
class Remeasuring {
 public:
  // `programs` are the old one, if it is there, and the new one.
  Remeasuring(const SweepOptions& options, const AgainstOptions& against, const std::vector<Program>& programs,
              const Signals& signals, std::size_t cases)
      : options_(options),
        against_(against),
        programs_(programs),
        signals_(signals),
        processes_(cases * std::size_t(against.rounds) * programs.size()),
        directory_(options.directory, *ReadManifest(options.directory)) {
    ForgetRoundsOfOtherPrograms();
  }

  std::size_t done() const { return done_; }
  std::size_t processes() const { return processes_; }
  fs::path folder() const { return directory_.Remeasured(); }

  RemeasuredTrials Measure(const Case& c) {
    RemeasuredTrials trials;
    RequireNoLink(folder() / Slug(c));
    fs::create_directories(folder() / Slug(c));
    for (std::int64_t round = 1; round <= against_.rounds; ++round) {
      std::vector<CaseFile> files = KeptRound(c, round);
      if (files.empty()) {
        for (const Program& program : programs_) files.push_back(Run(program, c, round));
      }
      done_ += programs_.size();
      AddTrials(files.back(), trials.new_us, trials.new_error);
      if (files.size() > 1) AddTrials(files.front(), trials.old_us, trials.old_error);
      if (trials.old_error || trials.new_error) {
        done_ += std::size_t(against_.rounds - round) * programs_.size();  // are not needed any more
        break;
      }
    }
    return trials;
  }

 private:
  fs::path FilePath(const Program& program, const Case& c, std::int64_t round, const char* extension) const {
    return folder() / Slug(c) / fmt::format("{}-{}{}", program.name, round, extension);
  }

  // Rounds are gone on with if their programs are these, byte by byte.
  void ForgetRoundsOfOtherPrograms() const {
    std::string hashes;
    for (const Program& program : programs_) hashes += fmt::format("{} {}\n", program.name, program.hash);
    const fs::path file = folder() / kProgramsName;
    if (fs::exists(file) && ReadFile(file) == hashes) return;
    fs::remove_all(folder());
    fs::create_directories(folder());
    WriteWholeFile(file, hashes);
  }

  // The files of a round that an interrupted sweep left, in the order of the programs. None unless all are there, from
  // these programs: old and new are measured side by side or not at all.
  std::vector<CaseFile> KeptRound(const Case& c, std::int64_t round) const {
    std::vector<CaseFile> files;
    for (const Program& program : programs_) {
      const fs::path path = FilePath(program, c, round, ".json");
      if (!fs::exists(path)) return {};
      try {
        CaseFile file = ParseCaseFile(ReadFile(path), c, options_.flags.trials);
        if (file.failed() && options_.retry_failed) return {};
        files.push_back(std::move(file));
      } catch (const BadCaseFile&) {
        return {};
      }
    }
    return files;
  }

  // Before each child: a rebuild meanwhile must not mix two programs.
  static void RequireSameProgram(const Program& program) {
    if (HashOfFile(program.binary) == program.hash) return;
    throw std::runtime_error(fmt::format("the {} program '{}' was replaced while cases were measured again",
                                         program.name, program.binary.string()));
  }

  CaseFile Run(const Program& program, const Case& c, std::int64_t round) {
    RequireSameProgram(program);
    const std::string what = fmt::format("{}, {} program {}/{}", ShortName(c, programs_.back().description.cases),
                                         program.name, round, against_.rounds);
    const std::size_t number = done_ + std::size_t(&program - programs_.data()) + 1;
    const auto show = [&] {
      output_.Update({.number = number,
                      .total = processes_,
                      .running = "again " + what,
                      .elapsed = std::chrono::duration<double>(Clock::now() - start_).count(),
                      .left = {},
                      .last = last_});
    };
    CaseFile file = RunCaseProcess({.binary = program.binary,
                                    .flags = options_.flags,
                                    .json = FilePath(program, c, round, ".json"),
                                    .log = FilePath(program, c, round, ".log"),
                                    .limit = options_.case_limit,
                                    .context = program.description.context,
                                    .directory = directory_,
                                    .signals = signals_,
                                    .tick = show},
                                   c, /*traces=*/{});
    last_ = file.failed() ? "failed" : Duration(file.median_us);
    if (output_.is_terminal()) {
      output_.Clear();
    } else {
      output_.Print(
          fmt::format("again {}/{} {}: {}", number, processes_, what, file.failed() ? file.error : *last_ + " a step"));
    }
    return file;
  }

  const Clock::time_point start_ = Clock::now();
  const SweepOptions& options_;
  const AgainstOptions& against_;
  const std::vector<Program>& programs_;
  const Signals& signals_;
  const ProgressOutput output_;
  const std::size_t processes_;
  const RunDirectory directory_;
  std::size_t done_ = 0;
  std::optional<std::string> last_;
};

RunFile ReadBaseline(const std::string& path) {
  if (path.empty()) throw InputError("--against names no run");  // a variable of a script that is not set
  RunFile baseline = ReadRun(path);
  const Records read = ToRecords({baseline});
  if (!read.problems.empty()) {
    throw InputError(fmt::format("the baseline cannot be read whole: {}", read.problems.front()));
  }
  return baseline;
}

// What would fail the comparison whatever is measured is reported before anything is measured.
void CheckGrid(const RunFile& baseline, const Description& description, const GateOptions& gate) {
  std::set<std::string> grid;
  for (const Case& c : description.cases) grid.insert(CaseName(c));
  std::vector<std::string> missing;
  const Records read = ToRecords({baseline});
  for (const Record& record : read.records) {
    std::string name = CaseName(record.c);
    if (!grid.contains(name)) missing.push_back(std::move(name));
  }
  if (missing.size() == read.records.size()) {
    throw InputError(fmt::format("the grid and {} have no case in common", baseline.source));
  }
  if (!missing.empty() && !gate.allow_missing) {
    throw InputError(
        fmt::format("the grid lacks {} of the baseline's cases, such as {}; --allow-missing leaves them out",
                    missing.size(), missing.front()));
  }
}

Program DescribeOld(const fs::path& binary, const SweepOptions& options, const RunFile& baseline,
                    const Signals& signals) {
  Program old;
  try {
    old = MakeProgram("old", binary, options.flags, signals);
  } catch (const InputError& error) {
    throw InputError(fmt::format("--baseline-binary: {}", error.what()));
  }
  const auto commit = baseline.context.find("git_commit");
  const std::string measured = commit == baseline.context.end() ? "unknown" : commit->second;
  const std::string given = old.description.context.value("git_commit", "unknown");
  if (given != measured || given == "unknown") {
    throw InputError(fmt::format("--baseline-binary '{}' is of commit {}, but {} was measured with commit {}",
                                 binary.string(), given, baseline.source, measured));
  }
  // Two programs of one dirty commit may be different ones: only the very program is known to be the baseline's.
  if (given.ends_with("-dirty")) {
    const auto manifest = ReadManifest(fs::path(baseline.source).parent_path());
    if (!manifest || manifest->binary != old.hash) {
      throw InputError(
          fmt::format("--baseline-binary '{}' is of {}, with changes that no commit holds, and not known to "
                      "be the program that {} was measured with",
                      binary.string(), given, baseline.source));
    }
  }
  return old;
}

void CheckRounds(const AgainstOptions& against) {
  const auto rounds = std::size_t(against.rounds);
  if (!against.binary || MinimumP(rounds, rounds) < against.gate.alpha) return;
  throw InputError(fmt::format("--rounds {}: {} processes against {} cannot have a p below {:.2g}; --alpha is {:.4g}",
                               rounds, rounds, rounds, MinimumP(rounds, rounds), against.gate.alpha));
}

// What looks slower; every case where the old program runs with other software than the baseline's.
void Remeasure(const SweepOptions& options, const AgainstOptions& against, const std::vector<Program>& programs,
               std::vector<Difference> software, const Signals& signals, Comparison& comparison) {
  comparison.again =
      Remeasurement{.rounds = against.rounds, .with_old_binary = programs.size() > 1, .software = std::move(software)};
  // A faster environment hides a slower program, a faster program a slower environment.
  const bool every_case = !comparison.again->software.empty();
  const auto is_measured = [&](const ComparedCase& compared) {
    return compared.verdict == GateVerdict::kSlower || (every_case && compared.p);
  };
  const auto cases = std::size_t(std::ranges::count_if(comparison.cases, is_measured));
  if (cases == 0) return;
  const ProgressOutput output;
  if (every_case) {
    output.Print("The old program's software is not the baseline's: measuring every case again");
  } else {
    output.Print(fmt::format("{} slower than in {}: measuring again",
                             cases == 1 ? "1 case looks" : fmt::format("{} cases look", cases),
                             comparison.baseline.source));
  }
  Remeasuring remeasuring(options, against, programs, signals, cases);
  try {
    for (ComparedCase& compared : comparison.cases) {
      if (!is_measured(compared)) continue;
      compared = Confirm(compared, remeasuring.Measure(compared.c), *comparison.again, against.gate);
    }
  } catch (const Interrupted& interrupted) {
    output.Print(fmt::format(
        "{}: {} of {} processes that measure again are done and kept in {}. The same command goes on from here.",
        SignalName(interrupted.signal), remeasuring.done(), remeasuring.processes(), remeasuring.folder().string()));
    throw;
  } catch (const std::exception& error) {
    throw std::runtime_error(
        fmt::format("{}\nThe measurements that are done are kept: the same command goes on from here.", error.what()));
  }
}

}  // namespace

std::vector<Flag> AgainstFlags(AgainstOptions& target) {
  const auto set_binary = [&target](const std::string& path) { target.binary = path; };
  const auto set_rounds = [&target](const std::string& text) {
    target.rounds = ParseInteger("--rounds", text, 1, kMaxRounds);
  };
  std::vector<Flag> flags{{.name = "--baseline-binary",
                           .metavar = "PATH",
                           .help = "The benchmark program of the baseline, to measure slower cases with both",
                           .read = set_binary,
                           .group = kGroup},
                          {.name = "--rounds",
                           .metavar = "N",
                           .help = "Processes of each program that measure a slower case again (default: 5)",
                           .read = set_rounds,
                           .group = kGroup}};
  for (const Flag& flag : GateFlags(kGroup, target.gate)) flags.push_back(flag);
  for (Flag& flag : flags) flag.needs = "--against";

  Flag against =
      TextFlag("--against", "BASELINE_RUN", target.baseline, "Judge the run: is a case slower than in that one?");
  against.group = kGroup;
  against.excludes = "--shard";
  flags.insert(flags.begin(), against);
  return flags;
}

int RunSweepAgainst(const SweepOptions& options, const AgainstOptions& against, const Signals& signals) {
  CheckRounds(against);
  const RunFile baseline = ReadBaseline(against.baseline);
  std::error_code not_there_yet;
  if (fs::equivalent(baseline.source, RunJson(options.directory), not_there_yet)) {
    throw InputError(fmt::format("-o and --against are the same run, {}", baseline.source));
  }
  std::vector<Program> programs;
  if (against.binary) programs.push_back(DescribeOld(*against.binary, options, baseline, signals));
  programs.push_back(MakeProgram("new", options.binary, options.flags, signals));
  const Description& description = programs.back().description;
  if (!against.gate.ignore_hardware) {
    RequireSameHardware(HardwareDifferences(baseline.context, description.context.get<ContextMap>()));
  }
  CheckGrid(baseline, description, against.gate);

  const fs::path report = options.directory / kReportName;
  if (fs::is_directory(fs::symlink_status(report))) {
    throw InputError(fmt::format("'{}' is a directory, where the report belongs: move it away", report.string()));
  }
  const auto remove_earlier_report = [&report] { fs::remove(report); };
  RunSweep(options, signals, remove_earlier_report);  // failed cases are judged below
  Comparison comparison = CompareRuns(baseline, ReadRun(options.directory.string()), against.gate);
  std::vector<Difference> software;
  if (programs.size() > 1) {
    software = SoftwareDifferences(baseline.context, programs.front().description.context.get<ContextMap>());
  }
  Remeasure(options, against, programs, std::move(software), signals, comparison);
  WriteWholeFile(report, ToMarkdown(comparison, against.gate));
  fmt::print("\n{}{}\n", ToText(comparison, against.gate), report.string());
  return int(Judge(comparison, against.gate));
}

}  // namespace tbench
