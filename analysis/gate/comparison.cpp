#include "analysis/gate/comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "analysis/read/record.h"
#include "analysis/read/trials.h"
#include "analysis/statistics/statistics.h"
#include "analysis/statistics/u_test.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/clocks.h"
#include "analysis/verdicts/consistency.h"
#include "analysis/verdicts/host.h"
#include "analysis/verdicts/machine.h"
#include "analysis/verdicts/memory.h"
#include "analysis/verdicts/plausibility.h"
#include "analysis/verdicts/thresholds.h"
#include "analysis/verdicts/throughput.h"
#include "benchmarks/names/context_keys.h"
#include "benchmarks/names/counters.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

// A clock that differs by less is the same one.
constexpr double kClockDifference = 0.02;

constexpr std::array<std::string_view, 3> kHardwareKeys{"device", "gpu_name", "gpu_memory_bytes"};
constexpr std::array<std::string_view, 2> kCpuHardwareKeys{"cpu_name", "threads"};

struct NamedVerdict {
  GateVerdict verdict;
  std::string_view name;
};
constexpr std::array kVerdicts{NamedVerdict{GateVerdict::kEnvironmentSlower, "slower environment"},
                               NamedVerdict{GateVerdict::kImplausible, "implausible"},
                               NamedVerdict{GateVerdict::kSlower, "slower"},
                               NamedVerdict{GateVerdict::kNewlyFailing, "newly failing"},
                               NamedVerdict{GateVerdict::kMissing, "missing"},
                               NamedVerdict{GateVerdict::kTooFewTrials, "too few trials"},
                               NamedVerdict{GateVerdict::kUnclear, "unclear"},
                               NamedVerdict{GateVerdict::kSame, "same"},
                               NamedVerdict{GateVerdict::kFaster, "faster"},
                               NamedVerdict{GateVerdict::kCleared, "cleared"},
                               NamedVerdict{GateVerdict::kFixed, "fixed"},
                               NamedVerdict{GateVerdict::kFailingInBoth, "failing in both"},
                               NamedVerdict{GateVerdict::kNew, "new"}};

bool Contains(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

std::string ValueOf(const ContextMap& context, std::string_view key) {
  const auto found = context.find(std::string(key));
  return found == context.end() ? "nothing" : found->second;
}

bool GrewBeyond(double threshold, double from, double to) { return to > from * (1 + threshold); }

void CompareTimes(const std::vector<double>& new_us, const GateOptions& options, ComparedCase& compared) {
  const std::vector<double>& old_us = compared.baseline_us;
  const double minimum_p = MinimumP(old_us.size(), new_us.size());
  if (minimum_p >= options.alpha) {
    compared.verdict = GateVerdict::kTooFewTrials;
    compared.note =
        fmt::format("{} against {} trials cannot have a p below {:.2g}", old_us.size(), new_us.size(), minimum_p);
    return;
  }
  compared.p = MannWhitneyU(old_us, new_us).p;
  const double old_median = *compared.old_median_us, new_median = *compared.new_median_us;
  const bool significant = *compared.p < options.alpha;
  if (GrewBeyond(options.threshold, old_median, new_median)) {
    compared.verdict = significant ? GateVerdict::kSlower : GateVerdict::kUnclear;
  } else if (significant && GrewBeyond(options.threshold, new_median, old_median)) {
    compared.verdict = GateVerdict::kFaster;
  }
}

// One of the runs, beside what its cases are held against.
struct RunFacts {
  Machine machine;
  const ContextMap& context;
  std::map<std::string, std::string> copied;  // by a case's name: whose trials it has
};

RunFacts FactsOf(const RunFile& run, const std::vector<Record>& records) {
  RunFacts facts{.machine = MachineOf(run), .context = run.context, .copied = {}};
  const std::vector<std::string> copied = WhyCopied(records);
  for (std::size_t i = 0; i < records.size(); ++i) facts.copied[CaseName(records[i].c)] = copied[i];
  return facts;
}

// Of a good record.
std::string WhyImplausible(const Record& record, const RunFacts& run) {
  const std::string why =
      WhyImplausible(record, run.machine, Throughput(record, run.machine), Memory(record, run.machine));
  return why.empty() ? run.copied.at(CaseName(record.c)) : why;
}

// An optimizer moves the loss from step to step, by how much depends on rounding: such passes are not compared.
std::string WhyOtherLoss(const Record& baseline, const Record& contender) {
  if (TraitsOf(baseline.c.pass).optimizer) return "";
  const std::optional<double> before = FirstOf(baseline, counters::kLoss), now = FirstOf(contender, counters::kLoss);
  if (!before || !now) return "";
  // Of the larger one: a swap of the runs changes nothing.
  if (std::abs(*now - *before) <= kLossDifference * std::max(std::abs(*before), std::abs(*now))) return "";
  return fmt::format("of one seed, model and batch, the loss is {:.4g} in the baseline and {:.4g} in the contender",
                     *before, *now);
}

// The first of the commit, the hardware and the software that two runs differ in; empty where there is none.
std::string WhatDiffers(const ContextMap& baseline, const ContextMap& contender) {
  if (ValueOf(baseline, "git_commit") != ValueOf(contender, "git_commit")) return "git_commit";
  for (const auto& differences : {HardwareDifferences(baseline, contender), SoftwareDifferences(baseline, contender),
                                  SoftwareDifferences(contender, baseline)}) {
    if (!differences.empty()) return differences.front().what;
  }
  return "";
}

// Why the times of two good records cannot be compared; empty where they can.
std::string WhyNotComparable(const Record& baseline, const RunFacts& before, const Record& contender,
                             const RunFacts& now) {
  if (const std::string why = WhyImplausible(baseline, before); !why.empty()) return "in the baseline, " + why;
  if (const std::string why = WhyImplausible(contender, now); !why.empty()) return "in the contender, " + why;
  // A run may be compared with itself. Another program's, or another machine's, never has its times.
  if (AreCopies(baseline, contender)) {
    if (const std::string what = WhatDiffers(before.context, now.context); !what.empty()) {
      return fmt::format("both runs have the same trials, to the last digit, and another {}", what);
    }
  }
  const auto seed = [](const RunFacts& run) { return ValueOf(run.context, "seed"); };
  return seed(before) == seed(now) ? WhyOtherLoss(baseline, contender) : "";
}

// What the contender alone is good in is that, or implausible.
void JudgeAlone(const Record& contender, const RunFacts& now, GateVerdict verdict, ComparedCase& compared) {
  const std::string why = WhyImplausible(contender, now);
  compared.verdict = why.empty() ? verdict : GateVerdict::kImplausible;
  if (!why.empty()) compared.note = "in the contender, " + why;
}

// `contender` is null where that run has no such case.
ComparedCase CompareCase(const Record& baseline, const RunFacts& before, const Record* contender, const RunFacts& now,
                         const GateOptions& options) {
  ComparedCase compared{.c = baseline.c, .old_error = baseline.error, .note = {}, .baseline_us = TimesUs(baseline)};
  if (!baseline.error) compared.old_median_us = Median(compared.baseline_us);
  if (contender == nullptr || contender->config != baseline.config) {
    compared.verdict = GateVerdict::kMissing;
    if (contender != nullptr) {
      compared.note = fmt::format("the model is {} in the baseline and {} in the contender", ToString(baseline.config),
                                  ToString(contender->config));
    }
    return compared;
  }
  compared.new_error = contender->error;
  const std::vector<double> new_us = TimesUs(*contender);
  if (!contender->error) compared.new_median_us = Median(new_us);
  if (contender->error) {
    compared.verdict = baseline.error ? GateVerdict::kFailingInBoth : GateVerdict::kNewlyFailing;
  } else if (baseline.error) {
    JudgeAlone(*contender, now, GateVerdict::kFixed, compared);
  } else if (const std::string why = WhyNotComparable(baseline, before, *contender, now); !why.empty()) {
    compared.verdict = GateVerdict::kImplausible;
    compared.note = why;
  } else {
    CompareTimes(new_us, options, compared);
  }
  return compared;
}

ComparedCase NewCase(const Record& record, const RunFacts& now) {
  ComparedCase compared{
      .c = record.c, .verdict = GateVerdict::kNew, .new_error = record.error, .note = {}, .baseline_us = {}};
  if (record.error) return compared;
  compared.new_median_us = MedianTimeUs(record);
  JudgeAlone(record, now, GateVerdict::kNew, compared);
  return compared;
}

using RecordsByName = std::map<std::string, const Record*>;

RecordsByName ByName(const std::vector<Record>& records) {
  RecordsByName by_name;
  for (const Record& record : records) by_name.emplace(CaseName(record.c), &record);
  return by_name;
}

std::vector<Difference> ContextDifferences(const ContextMap& baseline, const ContextMap& contender) {
  std::set<std::string> keys;
  for (const ContextMap* context : {&baseline, &contender}) {
    for (const auto& [key, value] : *context) keys.insert(key);
  }
  std::vector<Difference> differences;
  for (const std::string& key : keys) {
    // A model's numbers are compared case by case.
    if (VariesBetweenRuns(key) || Contains(kHardwareKeys, key) || key.starts_with("model.")) continue;
    Difference difference{key, ValueOf(baseline, key), ValueOf(contender, key)};
    if (difference.baseline != difference.contender) differences.push_back(std::move(difference));
  }
  return differences;
}

// The attention backend and whatever else a label says.
std::vector<Difference> LabelDifferences(const RecordsByName& baseline, const RecordsByName& contender) {
  std::map<std::pair<std::string, std::string>, std::size_t> counts;
  for (const auto& [name, record] : baseline) {
    const auto other = contender.find(name);
    if (other == contender.end() || record->error || other->second->error) continue;
    if (record->label != other->second->label) ++counts[{record->label, other->second->label}];
  }
  std::vector<Difference> differences;
  for (const auto& [labels, count] : counts) {
    const auto shown = [](const std::string& label) { return label.empty() ? "nothing" : label; };
    differences.push_back({"label of " + Plural(count, "case"), shown(labels.first), shown(labels.second)});
  }
  return differences;
}

// The median over the cases' SM clocks after their last trial; nothing where they were not read.
std::optional<double> SmClockMhz(const std::vector<Record>& records) {
  std::vector<double> clocks;
  for (const Record& record : records) {
    if (const auto clock = LastOf(record, counters::kAfter.sm_clock)) clocks.push_back(*clock);
  }
  return clocks.empty() ? std::nullopt : std::optional(Median(clocks));
}

std::vector<Difference> ClockDifferences(const std::vector<Record>& baseline, const std::vector<Record>& contender) {
  const auto before = SmClockMhz(baseline), now = SmClockMhz(contender);
  if (!before || !now || std::abs(*now - *before) <= kClockDifference * *before) return {};
  return {{"SM clock after the trials", fmt::format("{} MHz", *before), fmt::format("{} MHz", *now)}};
}

bool IsThrottled(const Record& record, const Machine& machine) {
  const auto clocks = Clocks(record, machine);
  return clocks && clocks->throttled;
}

bool IsAtALowClock(const Record& record, const Machine& machine) {
  const auto clocks = Clocks(record, machine);
  return clocks && clocks->clock_low;
}

bool IsShared(const Record& record, const Machine& machine) {
  const auto clocks = Clocks(record, machine);
  return clocks && clocks->shared;
}

bool IsContended(const Record& record, const Machine& machine) {
  const auto host = Host(record, machine);
  return host && host->contended;
}

struct Disturbance {
  const char* what;
  bool (*is_disturbed)(const Record&, const Machine&);
};

constexpr std::array kDisturbances{Disturbance{"cases measured while throttled", IsThrottled},
                                   Disturbance{"cases measured at a low SM clock", IsAtALowClock},
                                   Disturbance{"cases measured beside other processes", IsShared},
                                   Disturbance{"cases measured on a contended host", IsContended}};

// A disturbed baseline hides what became slower, a disturbed contender looks like it.
std::vector<Difference> Disturbances(const std::vector<Record>& baseline, const Machine& old_machine,
                                     const std::vector<Record>& contender, const Machine& new_machine) {
  std::vector<Difference> differences;
  for (const Disturbance& disturbance : kDisturbances) {
    const auto count = [&](const std::vector<Record>& records, const Machine& machine) {
      return std::ranges::count_if(records,
                                   [&](const Record& record) { return disturbance.is_disturbed(record, machine); });
    };
    const auto before = count(baseline, old_machine), now = count(contender, new_machine);
    if (before + now > 0) differences.push_back({disturbance.what, fmt::format("{}", before), fmt::format("{}", now)});
  }
  return differences;
}

ComparedRun Describe(const RunFile& run) {
  const auto first_of = [&](std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      if (run.context.contains(key)) return run.context.at(key);
    }
    return std::string("unknown");
  };
  return {.source = run.source, .commit = first_of({"git_commit"}), .machine = first_of({"gpu_name", "cpu_name"})};
}

void RequireRecords(const RunFile& run, const Records& records) {
  if (!records.records.empty()) return;
  if (!records.problems.empty()) throw InputError("nothing can be compared: " + records.problems.front());
  throw InputError(fmt::format("{}: it holds no {} case", run.source, kStepFamily));
}

}  // namespace

std::string_view ToString(GateVerdict verdict) {
  return std::ranges::find(kVerdicts, verdict, &NamedVerdict::verdict)->name;
}

std::optional<double> ComparedCase::Growth() const {
  if (!old_median_us || !new_median_us) return std::nullopt;
  return *new_median_us / *old_median_us - 1;
}

std::size_t Comparison::Count(GateVerdict verdict) const {
  return std::size_t(std::ranges::count(cases, verdict, &ComparedCase::verdict));
}

std::vector<Difference> HardwareDifferences(const ContextMap& baseline, const ContextMap& contender) {
  std::vector<std::string_view> keys(kHardwareKeys.begin(), kHardwareKeys.end());
  if (ValueOf(baseline, "device") == "cpu" || ValueOf(contender, "device") == "cpu") {
    keys.insert(keys.end(), kCpuHardwareKeys.begin(), kCpuHardwareKeys.end());
  }
  std::vector<Difference> differences;
  for (const std::string_view key : keys) {
    Difference difference{std::string(key), ValueOf(baseline, key), ValueOf(contender, key)};
    if (difference.baseline != difference.contender) differences.push_back(std::move(difference));
  }
  return differences;
}

std::vector<Difference> SoftwareDifferences(const ContextMap& baseline, const ContextMap& program) {
  std::vector<Difference> differences;
  for (const auto& [key, value] : program) {
    const std::string measured = ValueOf(baseline, key);
    if (key.ends_with("_version") && value != measured) differences.push_back({key, measured, value});
  }
  return differences;
}

void RequireSameHardware(const std::vector<Difference>& differences) {
  if (differences.empty()) return;
  std::vector<std::string> lines;
  for (const Difference& difference : differences) {
    lines.push_back(fmt::format("\n  {}: {} in the baseline, {} in the contender", difference.what, difference.baseline,
                                difference.contender));
  }
  throw InputError(fmt::format("the runs are of different hardware; --ignore-hardware compares them all the same:{}",
                               fmt::join(lines, "")));
}

Comparison CompareRuns(const RunFile& baseline, const RunFile& contender, const GateOptions& options) {
  const Records before = ToRecords({baseline}), now = ToRecords({contender});
  RequireRecords(baseline, before);
  RequireRecords(contender, now);
  Comparison comparison{.baseline = Describe(baseline),
                        .contender = Describe(contender),
                        .cases = {},
                        .hardware = HardwareDifferences(baseline.context, contender.context),
                        .differences = {},
                        .problems = before.problems,
                        .again = {}};
  if (!options.ignore_hardware) RequireSameHardware(comparison.hardware);
  comparison.problems.insert(comparison.problems.end(), now.problems.begin(), now.problems.end());

  const RecordsByName old_records = ByName(before.records), new_records = ByName(now.records);
  const RunFacts old_facts = FactsOf(baseline, before.records), new_facts = FactsOf(contender, now.records);
  for (const Record& record : before.records) {
    const auto found = new_records.find(CaseName(record.c));
    comparison.cases.push_back(
        CompareCase(record, old_facts, found == new_records.end() ? nullptr : found->second, new_facts, options));
  }
  if (comparison.Count(GateVerdict::kMissing) == comparison.cases.size()) {
    const auto other_model = std::ranges::find_if_not(comparison.cases, &std::string::empty, &ComparedCase::note);
    if (other_model != comparison.cases.end()) {
      throw InputError(fmt::format("{} and {} have no case of one model in common: in {}, {}", baseline.source,
                                   contender.source, CaseName(other_model->c), other_model->note));
    }
    throw InputError(fmt::format("{} and {} have no case in common, such as {}", baseline.source, contender.source,
                                 CaseName(before.records.front().c)));
  }
  for (const Record& record : now.records) {
    if (!old_records.contains(CaseName(record.c))) comparison.cases.push_back(NewCase(record, new_facts));
  }

  for (auto& differences : {ContextDifferences(baseline.context, contender.context),
                            LabelDifferences(old_records, new_records), ClockDifferences(before.records, now.records),
                            Disturbances(before.records, old_facts.machine, now.records, new_facts.machine)}) {
    for (const Difference& difference : differences) {
      if (std::ranges::find(comparison.hardware, difference) == comparison.hardware.end()) {
        comparison.differences.push_back(difference);
      }
    }
  }
  return comparison;
}

ComparedCase Confirm(ComparedCase compared, const RemeasuredTrials& trials, const Remeasurement& how,
                     const GateOptions& options) {
  ComparedCase result = std::move(compared);
  result.measured_again = true;
  result.looked_slower = result.verdict == GateVerdict::kSlower;
  if (trials.new_error) {
    result.verdict = GateVerdict::kNewlyFailing;
    result.failed_again = true;
    result.new_error = trials.new_error;
    result.new_median_us.reset();
    result.p.reset();
    result.note = result.looked_slower ? "it looked slower at first, and failed when it was measured again"
                                       : "it failed when it was measured again";
    return result;
  }
  if (trials.old_error) {
    result.failed_again = true;
    result.note = fmt::format("{}the old program failed when it was measured again: {}",
                              result.looked_slower ? "not cleared: " : "", *trials.old_error);
    return result;
  }
  result.note = fmt::format("at first {} with p = {:.2g}", SignedPercent(*result.Growth()), *result.p);

  std::vector<double> old_values, new_medians, new_values;
  for (const std::vector<double>& process : trials.new_us) {
    new_medians.push_back(Median(process));
    new_values.insert(new_values.end(), process.begin(), process.end());
  }
  if (how.with_old_binary) {
    std::vector<double> old_trials;
    for (const std::vector<double>& process : trials.old_us) {
      old_values.push_back(Median(process));
      old_trials.insert(old_trials.end(), process.begin(), process.end());
    }
    const double old_median = Median(old_values);
    if (std::abs(old_median / *result.old_median_us - 1) > options.threshold) {
      result.note += fmt::format("; the old program took {} in the baseline and takes {} now",
                                 Duration(*result.old_median_us), Duration(old_median));
    }
    result.environment_slower = GrewBeyond(options.threshold, *result.old_median_us, old_median) &&
                                MannWhitneyU(result.baseline_us, old_trials).p < options.alpha;
    result.old_median_us = old_median;
    new_values = new_medians;
  } else {
    old_values = result.baseline_us;
  }
  result.new_median_us = Median(new_medians);
  result.p = MannWhitneyU(old_values, new_values).p;
  const bool significant = *result.p < options.alpha;
  const auto grew = [&](double from, double to) { return significant && GrewBeyond(options.threshold, from, to); };
  const bool faster = grew(*result.new_median_us, *result.old_median_us);
  result.verdict = grew(*result.old_median_us, *result.new_median_us) ? GateVerdict::kSlower
                   : result.environment_slower                        ? GateVerdict::kEnvironmentSlower
                   : result.looked_slower                             ? GateVerdict::kCleared
                   : faster                                           ? GateVerdict::kFaster
                                                                      : GateVerdict::kSame;
  return result;
}

bool IsWorse(GateVerdict verdict, const GateOptions& options) {
  return verdict == GateVerdict::kEnvironmentSlower || verdict == GateVerdict::kSlower ||
         verdict == GateVerdict::kNewlyFailing || (verdict == GateVerdict::kMissing && !options.allow_missing);
}

Outcome Judge(const Comparison& comparison, const GateOptions& options) {
  const auto is_worse = [&](const ComparedCase& compared) { return IsWorse(compared.verdict, options); };
  if (std::ranges::any_of(comparison.cases, is_worse) || !comparison.problems.empty()) return Outcome::kFailed;
  const bool nothing_compared = std::ranges::none_of(comparison.cases, &ComparedCase::IsCompared);
  const bool cannot_tell =
      comparison.Count(GateVerdict::kTooFewTrials) > 0 || comparison.Count(GateVerdict::kImplausible) > 0;
  return nothing_compared || cannot_tell ? Outcome::kUndecided : Outcome::kPassed;
}

}  // namespace tbench
