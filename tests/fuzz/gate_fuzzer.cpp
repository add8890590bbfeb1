// Two runs through the gate: it never passes what it should not, and says the same from both sides.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/gate/comparison.h"
#include "analysis/gate/gate_report.h"
#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "analysis/report/report.h"
#include "model/support/input_error.h"
#include "model/support/one_line.h"
#include "tests/fuzz/made_run.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace tbench;

struct Runs {
  RunFile baseline, contender;
  GateOptions options;
};

// The contender is the baseline with other times and faults.
Runs MakeRuns(FuzzedDataProvider& bytes) {
  Runs runs;
  constexpr std::array kThresholds{0.05, 0.0, 0.02, 3.0}, kAlphas{0.05, 1e-9, 0.5, 0.999};
  runs.options.threshold = kThresholds[bytes.ConsumeIntegralInRange<std::size_t>(0, 3)];
  runs.options.alpha = kAlphas[bytes.ConsumeIntegralInRange<std::size_t>(0, 3)];
  runs.options.allow_missing = bytes.ConsumeBool();
  runs.options.ignore_hardware = bytes.ConsumeBool();
  constexpr std::array kFactors{1.0, 1.01, 1.04, 1.06, 2.0, 0.5, 1e-6, 1e300};
  const double factor = kFactors[bytes.ConsumeIntegralInRange<std::size_t>(0, 7)];
  MadeRun baseline = MakeRun(bytes), contender = baseline;
  ScaleTimes(contender, factor);
  Distort(bytes, contender);
  Distort(bytes, baseline);
  runs.baseline = ParseRunFile(ToJson(baseline));
  runs.contender = ParseRunFile(ToJson(contender));
  return runs;
}

std::optional<Comparison> Compare(const RunFile& baseline, const RunFile& contender, const GateOptions& options) {
  try {
    return CompareRuns(baseline, contender, options);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

// By the records alone: what must not pass.
void RequireReasonToPass(const Runs& runs) {
  const Records before = ToRecords({runs.baseline}), now = ToRecords({runs.contender});
  Require(before.problems.empty() && now.problems.empty(), "what cannot be read does not pass");
  std::size_t compared = 0;
  for (const Record& record : before.records) {
    const auto found = std::ranges::find(now.records, record.c, &Record::c);
    if (found == now.records.end()) {
      Require(runs.options.allow_missing, "a missing case does not pass");
    } else if (!found->error) {
      ++compared;
    } else {
      Require(record.error.has_value(), "a newly failing case does not pass");
    }
  }
  Require(compared > 0, "nothing in common does not pass");
  for (const JudgedCase& judged : JudgeRuns({runs.contender}, now).cases) {
    Require(judged.implausible.empty(), "an implausible case does not pass", judged.implausible);
  }
}

void RequireTexts(const Comparison& comparison, const GateOptions& options, Outcome outcome) {
  constexpr std::array<std::string_view, 3> kBegins{"Passed: ", "Failed: ", "Undecided: "};
  const std::string_view begins = kBegins[std::size_t(outcome)];
  const std::string text = ToText(comparison, options), markdown = ToMarkdown(comparison, options);
  Require(Headline(comparison, options).starts_with(begins), "the headline says the outcome",
          Headline(comparison, options));
  Require(markdown.starts_with("### " + std::string(begins)), "gate.md begins with the headline", markdown);
  for (const std::string_view other : kBegins) {
    if (other == begins) continue;
    const std::string forged = "\n" + std::string(other);
    Require(text.find(forged) == std::string::npos && markdown.find("\n### " + std::string(other)) == std::string::npos,
            "no other headline is there", text);
  }
  RequireTerminalText(text);
  RequireMarkdown(markdown);
}

void RequireFigures(const Comparison& comparison) {
  for (const ComparedCase& compared : comparison.cases) {
    Require(!compared.p || (*compared.p >= 0 && *compared.p <= 1), "p is a probability");
    Require(!compared.Growth() || !std::isnan(*compared.Growth()), "growth is a number");
  }
}

Outcome Judged(const Comparison& comparison, const GateOptions& options) {
  const Outcome outcome = Judge(comparison, options);
  RequireFigures(comparison);
  RequireTexts(comparison, options, outcome);
  return outcome;
}

const ComparedCase* Find(const Comparison& comparison, const Case& c) {
  const auto found = std::ranges::find(comparison.cases, c, &ComparedCase::c);
  return found == comparison.cases.end() ? nullptr : &*found;
}

// A case's verdict from the other side.
GateVerdict Mirrored(GateVerdict verdict) {
  constexpr std::array kPairs{std::pair{GateVerdict::kSlower, GateVerdict::kFaster},
                              std::pair{GateVerdict::kNewlyFailing, GateVerdict::kFixed},
                              std::pair{GateVerdict::kMissing, GateVerdict::kNew}};
  for (const auto& [one, other] : kPairs) {
    if (verdict == one) return other;
    if (verdict == other) return one;
  }
  return verdict;
}

// Loss, clocks and sides' names have an order; which verdicts there are has none, but for what grew or shrank without
// significance, and figures that say that only one side is missing.
void RequireSymmetry(const Comparison& comparison, const Comparison& mirrored) {
  constexpr std::array kOneSided{GateVerdict::kUnclear, GateVerdict::kSame, GateVerdict::kMissing, GateVerdict::kNew,
                                 GateVerdict::kImplausible};
  const auto one_sided = [&](GateVerdict verdict) { return std::ranges::find(kOneSided, verdict) != kOneSided.end(); };
  for (const ComparedCase& compared : comparison.cases) {
    const ComparedCase* other = Find(mirrored, compared.c);
    Require(other != nullptr, "both sides have the same cases");
    Require(compared.p == other->p || one_sided(compared.verdict), "p is the same from both sides");
    if (one_sided(compared.verdict)) continue;
    // What is good in one of the runs alone is looked at in the contender.
    const bool alone = compared.verdict == GateVerdict::kNewlyFailing || compared.verdict == GateVerdict::kFixed;
    if (alone && other->verdict == GateVerdict::kImplausible) continue;
    Require(other->verdict == Mirrored(compared.verdict), "slower is faster from the other side",
            fmt::format("{}, {}: {}", ToString(compared.verdict), ToString(other->verdict), other->note));
  }
}

std::vector<std::vector<double>> MakeTrials(FuzzedDataProvider& bytes, int processes, double us) {
  std::vector<std::vector<double>> trials;
  for (int i = 0; i < processes; ++i) {
    std::vector<double>& process = trials.emplace_back();
    const double factor = 0.5 + 0.01 * bytes.ConsumeIntegralInRange(0, 100);
    for (int trial = 0; trial < 3; ++trial) process.push_back(std::max(us * factor * (1 + 0.01 * trial), 1e-300));
  }
  return trials;
}

void RequireRemeasured(FuzzedDataProvider& bytes, Comparison comparison, const GateOptions& options) {
  const int rounds = bytes.ConsumeIntegralInRange(1, 6);
  comparison.again = Remeasurement{.rounds = rounds, .with_old_binary = bytes.ConsumeBool(), .software = {}};
  const bool every_case = bytes.ConsumeBool();
  if (every_case) comparison.again->software = {{"cuda_version", MakeText(bytes), "13"}};
  for (ComparedCase& compared : comparison.cases) {
    if (compared.verdict != GateVerdict::kSlower && !(every_case && compared.p)) continue;
    RemeasuredTrials trials{
        .old_us = {}, .new_us = MakeTrials(bytes, rounds, *compared.new_median_us), .old_error = {}, .new_error = {}};
    if (comparison.again->with_old_binary) trials.old_us = MakeTrials(bytes, rounds, *compared.old_median_us);
    if (bytes.ConsumeIntegralInRange(0, 7) == 7) trials.new_error = OneLine("failed: " + MakeText(bytes));
    if (bytes.ConsumeIntegralInRange(0, 7) == 7) trials.old_error = OneLine("failed: " + MakeText(bytes));
    const bool was_slower = compared.verdict == GateVerdict::kSlower;
    compared = Confirm(compared, trials, *comparison.again, options);
    Require(compared.looked_slower == was_slower && compared.measured_again, "it is told what was measured again");
    Require(!trials.new_error || compared.verdict == GateVerdict::kNewlyFailing, "what fails again is failing");
    Require(trials.new_error || !trials.old_error || !was_slower || compared.verdict == GateVerdict::kSlower,
            "nothing is cleared without the old program");
  }
  Judged(comparison, options);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  FuzzedDataProvider provider(bytes, size);
  Runs runs;
  if (size > 0 && bytes[0] == '{') {
    const std::vector<std::string> texts = SplitFiles({reinterpret_cast<const char*>(bytes), size});
    runs = {.baseline = ParseRunFile(texts.front()), .contender = ParseRunFile(texts.back()), .options = {}};
  } else {
    runs = MakeRuns(provider);
  }
  const auto& [baseline, contender, options] = runs;
  const std::optional<Comparison> comparison = Compare(baseline, contender, options);
  const std::optional<Comparison> mirrored = Compare(contender, baseline, options);
  Require(comparison.has_value() == mirrored.has_value(), "what cannot be compared cannot be from either side");
  if (!comparison) return 0;
  if (Judged(*comparison, options) == Outcome::kPassed) RequireReasonToPass(runs);
  RequireSymmetry(*comparison, *mirrored);
  const std::optional<Comparison> itself = Compare(baseline, baseline, options);
  for (const ComparedCase& compared : itself->cases) {
    Require(!IsWorse(compared.verdict, options) && compared.verdict != GateVerdict::kFaster,
            "nothing is slower or faster than itself", ToString(compared.verdict));
  }
  RequireRemeasured(provider, *comparison, options);
  return 0;
}
