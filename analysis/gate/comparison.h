#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/read/run_file.h"
#include "benchmarks/names/case.h"

// The gate's rules: what became slower between two runs.
namespace tbench {

struct GateOptions {
  double threshold = 0.05;  // the share by which a median must grow to be slower
  double alpha = 0.05;      // the p-value that a slower case must be below
  bool allow_missing = false;
  bool ignore_hardware = false;
};

enum class GateVerdict {
  kEnvironmentSlower,  // measured again, the program is not slower: the old one is, than its own baseline
  kSlower,
  kNewlyFailing,  // good in the baseline
  kMissing,       // in the contender, or measured there with other numbers of its model
  kImplausible,   // its figures cannot be right in one of the runs
  kTooFewTrials,  // no samples of these sizes have a p below alpha
  kUnclear,       // the median grew by more than the threshold, and p is not below alpha
  kSame,
  kFaster,
  kCleared,  // looked slower and, measured again, was not
  kFixed,    // failed in the baseline
  kFailingInBoth,
  kNew,
};

std::string_view ToString(GateVerdict verdict);

struct ComparedCase {
  Case c;
  GateVerdict verdict = GateVerdict::kSame;
  // What the verdict rests on; absent where a run has no good trials of the case.
  std::optional<double> old_median_us, new_median_us, p;
  std::optional<std::string> old_error, new_error;
  std::string note;            // what else is to be said, a sentence; often empty
  bool looked_slower = false;  // at first, and was measured again
  bool measured_again = false;
  bool failed_again = false;        // and a program failed when it was to be measured again
  bool environment_slower = false;  // measured again, the old program is slower than in the baseline
  std::vector<double> baseline_us;  // the baseline's trials

  // The share by which the median grew; absent where one of them is.
  std::optional<double> Growth() const;
  // Whether there is anything to say of a change: it is good in both runs, or was and is not, or is and was not.
  bool IsCompared() const { return (old_median_us && new_median_us) || verdict == GateVerdict::kFixed; }
};

// Something in which the runs differ, and what it is in each; "nothing" where it is absent.
struct Difference {
  std::string what, baseline, contender;

  bool operator==(const Difference&) const = default;
};

struct ComparedRun {
  std::string source;  // its file
  // "unknown" where the run does not tell.
  std::string commit;   // of the benchmark program
  std::string machine;  // its GPU, or CPU
};

// How the cases were measured again that looked slower.
struct Remeasurement {
  std::int64_t rounds = 0;                // fresh processes of each program
  bool with_old_binary = true;            // else of the new one alone
  std::vector<Difference> software = {};  // of the old program: the baseline's, and now
};

struct Comparison {
  ComparedRun baseline, contender;
  std::vector<ComparedCase> cases;      // in the baseline's order, new ones last
  std::vector<Difference> hardware;     // empty unless it was to be ignored
  std::vector<Difference> differences;  // in what people compare: driver, versions, clocks, labels; no reason to fail
  std::vector<std::string> problems;    // what could not be read
  std::optional<Remeasurement> again;   // nothing: not even tried

  std::size_t Count(GateVerdict verdict) const;
};

// Cases are matched by name. Slower: p < alpha and the median grew by more than the threshold; faster: the same with
// the runs exchanged. A case that failed is never compared by time. InputError if the runs cannot be compared: one
// holds no case that can be read, they have no case in common, or their hardware differs and is not to be ignored.
Comparison CompareRuns(const RunFile& baseline, const RunFile& contender, const GateOptions& options);

using ContextMap = std::map<std::string, std::string>;

// device, gpu_name, gpu_memory_bytes and, on a CPU, cpu_name and threads.
std::vector<Difference> HardwareDifferences(const ContextMap& baseline, const ContextMap& contender);

// Versions of software that a program tells of itself, where the baseline was measured with others.
std::vector<Difference> SoftwareDifferences(const ContextMap& baseline, const ContextMap& program);

// InputError that lists them, if there are any.
void RequireSameHardware(const std::vector<Difference>& differences);

// The trials, in µs, of the processes in which a case was measured again. An error ends the measuring.
struct RemeasuredTrials {
  std::vector<std::vector<double>> old_us, new_us;
  std::optional<std::string> old_error, new_error;
};

// The verdict on a case that is measured again. With the old program the unit is the process: slower if p < alpha for
// the processes' medians, and the median of those grew by more than the threshold. Without it: if the median of the new
// processes' medians exceeds the baseline's median by more than the threshold, and p < alpha for their trials against
// the baseline's. By that last rule the old program now is held against its own baseline too: where it is slower, the
// environment became slower. Where the new program failed the case is newly failing; where only the old one did,
// nothing is cleared.
ComparedCase Confirm(ComparedCase compared, const RemeasuredTrials& trials, const Remeasurement& how,
                     const GateOptions& options);

// The gate's exit codes.
enum class Outcome {
  kPassed = 0,
  kFailed = 1,     // a case is worse, the environment became slower, or something could not be read
  kUndecided = 2,  // no case is worse, but some are implausible or have too few trials, or none is good in both runs
};

Outcome Judge(const Comparison& comparison, const GateOptions& options);

// Whether such a case makes the gate fail.
bool IsWorse(GateVerdict verdict, const GateOptions& options);

}  // namespace tbench
