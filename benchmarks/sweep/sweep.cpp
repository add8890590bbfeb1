#include "benchmarks/sweep/sweep.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <vector>

#include "analysis/tables/text.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/ceiling_file.h"
#include "benchmarks/sweep/measuring_process.h"
#include "benchmarks/sweep/merge.h"
#include "benchmarks/sweep/plan.h"
#include "benchmarks/sweep/progress.h"
#include "benchmarks/sweep/run_context.h"
#include "benchmarks/sweep/run_directory.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"
#include "model/support/program.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

struct PlannedCase {
  Case c;
  double predicted;  // seconds
};

std::vector<PlannedCase> PlanCases(const Description& description, const SweepOptions& options) {
  std::vector<double> costs;
  for (const Case& c : description.cases) {
    costs.push_back(PredictSeconds(c, description.Model(c), options.flags.trials, description.on_gpu()));
  }
  std::vector<PlannedCase> plan;
  for (const std::size_t i : CasesOfShard(costs, options.shard)) plan.push_back({description.cases[i], costs[i]});
  return plan;
}

Manifest MakeManifest(const Description& description, const SweepOptions& options) {
  Manifest manifest{.command = options.command,
                    .cases = {},
                    .trials = options.flags.trials,
                    .shard = options.shard,
                    .binary = HashOfFile(options.binary),
                    .ceilings = {},
                    .profile = options.profile,
                    .context = description.context};
  for (const Ceiling& ceiling : description.ceilings) manifest.ceilings.push_back(CeilingName(ceiling));
  for (const Case& c : description.cases) manifest.cases.push_back(CaseName(c));
  return manifest;
}

// Whether cases are profiled.
bool RequireProfiler(const SweepOptions& options, const Description& description) {
  if (options.profile && !description.on_gpu()) throw InputError("--profile needs a GPU");
  return options.profile;
}

// What is measured is not what the run began with.
struct RunChanged : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Sweep {
 public:
  Sweep(const SweepOptions& options, const Signals& signals)
      : options_(options),
        signals_(signals),
        description_(Describe(options.binary, options.flags, signals)),
        profile_(RequireProfiler(options, description_)),
        plan_(PlanCases(description_, options)),
        manifest_(MakeManifest(description_, options)),
        directory_(options.directory, manifest_) {}

  int Run() {
    try {
      LoadWhatIsThere();
      MeasureCeilings("start", description_.ceilings);
      RunTheRest();
      MeasureCeilings("end", MainCeilings(description_.ceilings));
      Merge();
    } catch (const Interrupted& interrupted) {
      output_.Clear();
      Merge();
      output_.Print(fmt::format("{}: {} of {} cases are done and merged in {}. The same command goes on from here.",
                                SignalName(interrupted.signal), done_.size(), plan_.size(),
                                RunJson(directory_.path()).string()));
      throw;
    } catch (const RunChanged&) {
      output_.Clear();
      Merge();
      throw;
    } catch (const std::exception& error) {
      output_.Clear();
      throw std::runtime_error(
          fmt::format("{}\nThe cases that are done are kept: the same command goes on from here.", error.what()));
    }
    PrintSummary();
    return FailedCases() == 0 && FailedCeilings().empty() ? kExitGood : kExitFailed;
  }

 private:
  // The child wrote or left it: anything may be there. A directory is somebody's; a pipe or a link makes room for the
  // file.
  static std::string ReadRegularFile(const fs::path& path) {
    const fs::file_status status = fs::symlink_status(path);
    if (fs::is_regular_file(status)) return ReadFile(path);
    if (fs::is_directory(status)) {
      throw InputError(fmt::format("'{}' is a directory, where a result belongs: move it away", path.string()));
    }
    fs::remove(path);
    throw BadCaseFile("it is no regular file");
  }

  // Throws BadCaseFile if a file comes from another machine, GPU, commit, seed or model than the run.
  void RequireThisRun(const Json& file) const {
    const auto differences = DifferencesWithinPart(manifest_.context, file.at("context"));
    if (differences.empty()) return;
    throw BadCaseFile(
        fmt::format("it is of another run ('here') than this one ('there'): {}", fmt::join(differences, "; ")));
  }

  // Before each child: a rebuild in mid-sweep must not mix two programs.
  void RequireSameProgram() const {
    if (HashOfFile(options_.binary) == manifest_.binary) return;
    throw RunChanged(
        fmt::format("the benchmark program '{}' was replaced during the sweep. The {} cases that are done are "
                    "merged in {}; they go on with the program that they began with only",
                    options_.binary.string(), done_.size(), RunJson(directory_.path()).string()));
  }

  // The result of a process that just ended.
  template <class File>
  File Checked(File file, const fs::path& path) const {
    try {
      RequireThisRun(file.json);
    } catch (const BadCaseFile& error) {
      fs::remove(path);
      throw RunChanged(fmt::format("'{}' is not kept: {}", path.string(), error.what()));
    }
    return file;
  }

  void LoadWhatIsThere() {
    for (const PlannedCase& planned : plan_) {
      const fs::path path = directory_.CaseJson(planned.c);
      if (!fs::exists(path)) continue;
      try {
        CaseFile file = ParseCaseFile(ReadRegularFile(path), planned.c, options_.flags.trials);
        RequireThisRun(file.json);
        if (!file.failed() || !options_.retry_failed) done_.emplace(CaseName(planned.c), std::move(file));
      } catch (const BadCaseFile& error) {
        output_.Print(fmt::format("{} is run again, its file is bad: {}", ShortName(planned.c, description_.cases),
                                  error.what()));
      }
    }
    skipped_ = done_.size();
    if (skipped_ > 0) output_.Print(fmt::format("{} of {} cases are done already", skipped_, plan_.size()));
  }

  void RunTheRest() {
    for (const PlannedCase& planned : plan_) {
      if (!done_.contains(CaseName(planned.c))) waiting_ += planned.predicted;
    }
    for (const PlannedCase& planned : plan_) {
      if (done_.contains(CaseName(planned.c))) continue;
      StopIfAsked();
      waiting_ -= planned.predicted;
      const auto start = Clock::now();
      CaseFile file = RunCase(planned);
      const double taken = SecondsSince(start);
      pace_.predicted += planned.predicted;
      pace_.measured += taken;
      ReportCase(planned, file, taken);
      done_.emplace(CaseName(planned.c), std::move(file));
    }
  }

  void StopIfAsked() const {
    while (const auto signal = signals_.Wait(std::chrono::milliseconds(0))) {
      if (*signal != SIGCHLD) throw Interrupted{*signal};
    }
  }

  // Before the cases, and the main ones again after them, so that drift shows. One process for all.
  void MeasureCeilings(const std::string& moment, const std::vector<Ceiling>& ceilings) {
    if (ceilings.empty() || plan_.empty()) return;
    const fs::path json = directory_.CeilingJson(moment);
    if (fs::exists(json)) {
      try {
        CeilingFile file = ParseCeilingFile(ReadRegularFile(json), ceilings);
        RequireThisRun(file.json);
        if (!file.failed() || !options_.retry_failed) {
          ceilings_.emplace(moment, std::move(file));
          return;
        }
      } catch (const BadCaseFile& error) {
        output_.Print(fmt::format("the ceilings are measured again, their file is bad: {}", error.what()));
      }
    }
    StopIfAsked();
    const auto start = Clock::now();
    const auto show = [&] {
      ProgressState state = Progress(0, 0);
      state.running = "ceilings";
      output_.Update(state);
    };
    RequireSameProgram();
    CeilingFile file = Checked(RunCeilingProcess(Process(json, directory_.CeilingLog(moment), show), ceilings), json);
    const double taken = SecondsSince(start);
    ceilings_seconds_ += taken;
    if (!output_.is_terminal()) {
      output_.Print(fmt::format("ceilings: {}  ({:.1f} s)", DescribeCeilings(file, ceilings), taken));
    }
    ceilings_.emplace(moment, std::move(file));
  }

  CaseFile RunCase(const PlannedCase& planned) const {
    const auto start = Clock::now();
    const auto show = [&] { ShowProgress(planned, SecondsSince(start)); };
    const fs::path json = directory_.CaseJson(planned.c);
    RequireSameProgram();
    return Checked(RunCaseProcess(Process(json, directory_.CaseLog(planned.c), show), planned.c,
                                  profile_ ? directory_.Traces() : fs::path()),
                   json);
  }

  MeasuringProcess Process(fs::path json, fs::path log, std::function<void()> tick) const {
    return {.binary = options_.binary,
            .flags = options_.flags,
            .json = std::move(json),
            .log = std::move(log),
            .limit = options_.case_limit,
            .context = description_.context,
            .directory = directory_,
            .signals = signals_,
            .tick = std::move(tick)};
  }

  // Number, time and what is left, as of now.
  ProgressState Progress(double running, double running_elapsed) const {
    const Outstanding outstanding{.running = running, .running_elapsed = running_elapsed, .waiting = waiting_};
    return {.number = done_.size() + 1,
            .total = plan_.size(),
            .running = {},
            .elapsed = SecondsSince(start_),
            .left = SecondsLeft(pace_, outstanding),
            .last = last_,
            .failed = FailedCases()};
  }

  void ShowProgress(const PlannedCase& planned, double elapsed) const {
    ProgressState state = Progress(planned.predicted, elapsed);
    state.running = ShortName(planned.c, description_.cases);
    output_.Update(state);
  }

  void ReportCase(const PlannedCase& planned, const CaseFile& file, double taken) {
    last_ = file.failed() ? "failed" : Duration(file.median_us);
    ++ran_;
    steps_seconds_ += file.steps_us / 1e6;
    setup_seconds_ += file.setup_us / 1e6;
    if (output_.is_terminal()) return;
    const ProgressState state = Progress(0, 0);
    const std::string result = file.failed() ? file.error : fmt::format("{} a step", *last_);
    output_.Print(fmt::format("{}/{} {}: {}  (case {:.1f} s, elapsed {}, {} left)", state.number, state.total,
                              ShortName(planned.c, description_.cases), result, taken, FormatDuration(state.elapsed),
                              FormatDuration(state.left.value_or(0))));
  }

  // run.json of the cases that are done, in the grid's order.
  void Merge() const {
    Json context = description_.context;
    std::vector<Json> files = CeilingsAt("start");
    bool has_library_context = false;  // a case whose process died has only the described one
    for (const PlannedCase& planned : plan_) {
      const auto found = done_.find(CaseName(planned.c));
      if (found == done_.end()) continue;
      files.push_back(found->second.json);
      if (!has_library_context && files.back()["context"].contains("date")) {
        context = files.back()["context"];
        has_library_context = true;
      }
    }
    std::ranges::move(CeilingsAt("end"), std::back_inserter(files));
    context["command"] = options_.command;
    WriteWholeFile(RunJson(directory_.path()), ToText(JoinCases(context, std::move(files))));
  }

  std::vector<Json> CeilingsAt(const std::string& moment) const {
    const auto found = ceilings_.find(moment);
    if (found == ceilings_.end()) return {};
    return SplitByBenchmark(moment == "end" ? AtEnd(found->second.json) : found->second.json);
  }

  std::vector<std::string> FailedCeilings() const {
    std::vector<std::string> failures;
    for (const auto& [moment, file] : ceilings_) std::ranges::copy(file.failures, std::back_inserter(failures));
    return failures;
  }

  std::size_t FailedCases() const {
    return std::size_t(std::ranges::count_if(done_, [](const auto& entry) { return entry.second.failed(); }));
  }

  std::size_t CasesWithoutProfile() const {
    if (!profile_) return 0;
    return std::size_t(std::ranges::count_if(done_, [](const auto& entry) {
      const CaseFile& file = entry.second;
      return !file.failed() && file.json.dump().find(counters::kProfileKernels) == std::string::npos;
    }));
  }

  void PrintSummary() const {
    output_.Clear();
    const std::size_t failed = FailedCases();
    for (const PlannedCase& planned : plan_) {
      const CaseFile& file = done_.at(CaseName(planned.c));
      if (file.failed()) {
        output_.Print(fmt::format("failed: {}: {}", ShortName(planned.c, description_.cases), file.error));
      }
    }
    if (const std::size_t missing = CasesWithoutProfile(); missing > 0) {
      output_.Print(fmt::format("warning: {} of the good cases have no profile; their logs say why", missing));
    }
    for (const std::string& failure : FailedCeilings()) output_.Print("failed: " + failure);
    const std::string before = skipped_ == 0 ? "" : fmt::format("; {} of them were there before", skipped_);
    output_.Print(fmt::format("{} cases: {} good, {} failed{}", done_.size(), done_.size() - failed, failed, before));
    const double wall = SecondsSince(start_);
    if (ran_ > 0) {
      const double overhead = (wall - ceilings_seconds_ - steps_seconds_) / double(ran_),
                   setup = setup_seconds_ / double(ran_);
      output_.Print(
          fmt::format("wall time {}{}; overhead {:.2f} s a case (set-up {:.2f} s, process start and files {:.2f} s)",
                      FormatDuration(wall),
                      ceilings_seconds_ > 0 ? fmt::format(", ceilings {}", FormatDuration(ceilings_seconds_)) : "",
                      overhead, setup, overhead - setup));
    }
    if (plan_.empty()) output_.Print(fmt::format("shard {} has no cases", ToString(options_.shard)));
    output_.Print(RunJson(directory_.path()).string());
  }

  const Clock::time_point start_ = Clock::now();
  const SweepOptions& options_;
  const Signals& signals_;
  const ProgressOutput output_;
  const Description description_;
  const bool profile_;
  const std::vector<PlannedCase> plan_;  // this shard's
  const Manifest manifest_;
  const RunDirectory directory_;
  std::map<std::string, CaseFile> done_;
  std::map<std::string, CeilingFile> ceilings_;  // by the moment that they were measured
  std::size_t skipped_ = 0;
  // Of the cases that this sweep has run, so not of those that were there.
  std::size_t ran_ = 0;
  Pace pace_;
  double steps_seconds_ = 0;
  double setup_seconds_ = 0;
  double ceilings_seconds_ = 0;
  double waiting_ = 0;  // predicted seconds of what has not begun
  std::optional<std::string> last_;
};

}  // namespace

int RunSweep(const SweepOptions& options, const Signals& signals, const std::function<void()>& begun) {
  Sweep sweep(options, signals);
  if (begun) begun();
  return sweep.Run();
}

}  // namespace tbench
