#include "analysis/report/report_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/agreement.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

using Cases = std::vector<JudgedCase>;

constexpr std::size_t kNamed = 3;  // of many cases of one kind

// Cases that something is to be said of.
struct Kind {
  std::string title;
  std::string remark;                                    // after the cases; may be empty
  std::function<std::string(const JudgedCase&)> detail;  // of one case; empty if it is none
};

std::string Failure(const JudgedCase& judged) {
  if (!judged.record.error) return "";
  const std::string kind = ErrorInWords(*judged.record.error);
  return judged.memory ? kind + ": " + judged.memory->sentence : kind;
}

std::string Implausible(const JudgedCase& judged) { return judged.implausible; }

std::string Throttled(const JudgedCase& judged) {
  return judged.clocks && judged.clocks->throttled ? judged.clocks->sentence : "";
}

std::string Company(const JudgedCase& judged) { return judged.clocks ? judged.clocks->company : ""; }

std::string ClockFell(const JudgedCase& judged) {
  return judged.clocks && judged.clocks->clock_fell && !judged.clocks->throttled ? judged.clocks->sentence : "";
}

std::string ClockLow(const JudgedCase& judged) {
  return judged.clocks && judged.clocks->clock_low && !judged.clocks->clock_fell ? judged.clocks->sentence : "";
}

std::string Contended(const JudgedCase& judged) { return judged.host ? judged.host->sentence : ""; }

std::string Shift(const JudgedCase& judged) {
  return judged.spread && judged.spread->shift ? judged.spread->sentence : "";
}

std::string Unsteadiness(const JudgedCase& judged) {
  return judged.spread && judged.spread->unsteady ? judged.spread->sentence : "";
}

std::string OutlyingTrials(const JudgedCase& judged) {
  return judged.spread && !judged.spread->outliers.empty() ? judged.spread->sentence : "";
}

std::string NotCold(const JudgedCase& judged) {
  if (!judged.warm_up || judged.warm_up->start != Start::kNotCold) return "";
  return fmt::format("{:.0f} steps before", FirstOf(judged.record, counters::kStepsBefore).value_or(0));
}

std::string BoundByLaunches(const JudgedCase& judged) {
  return judged.launch && judged.launch->bound == Bound::kLaunch ? judged.launch->sentence : "";
}

// Worst first.
std::vector<Kind> WrongOrDisturbed() {
  return {{"Failed", "", Failure},
          {"Implausible", "", Implausible},
          {"Throttled", "", Throttled},
          {"Not alone on the GPU", "", Company},
          {"The SM clock fell", "", ClockFell},
          {"The SM clock was low", "The driver gives no reason that throttles.", ClockLow},
          {"Contended host", "Others had its cores while these were measured.", Contended}};
}

std::vector<Kind> Unsteady() {
  return {{"Level shift", "These cases have no one time: look at their trials.", Shift},
          {"Unsteady", "Their medians are not known better than that.", Unsteadiness},
          {"Outliers", "They count: the median hardly moves by them, the mean does.", OutlyingTrials},
          {"Not cold", "They have no warm-ups, but something ran in their processes before.", NotCold}};
}

Kind LaunchBoundCases() {
  return {
      "Launch-bound",
      "Each counts once, with the most warm-ups it was measured with. Their times are the host's: a faster GPU would "
      "not change them.",
      BoundByLaunches};
}

// The first three, separated by semicolons since names of cases have commas.
std::string Some(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, all.size()); ++i) text += (i == 0 ? "" : "; ") + all[i];
  if (all.size() > kNamed) text += fmt::format("; and {} more", all.size() - kNamed);
  return text;
}

void AddCases(const Kind& kind, const Cases& cases, std::vector<std::string>& findings) {
  std::vector<std::string> named;
  for (const JudgedCase& judged : cases) {
    const std::string detail = kind.detail(judged);
    if (!detail.empty()) named.push_back(fmt::format("{} ({})", CaseInWords(judged.record.c), detail));
  }
  if (named.empty()) return;
  findings.push_back(fmt::format("**{}:** {} of {}: {}.{}{}", kind.title, named.size(), Plural(cases.size(), "case"),
                                 Some(named), kind.remark.empty() ? "" : " ", kind.remark));
}

void AddProblems(const std::vector<std::string>& problems, std::vector<std::string>& findings) {
  if (!problems.empty()) findings.push_back(fmt::format("**Not read:** {}.", Some(problems)));
}

void AddFailedCeilings(const std::vector<Machine>& machines, std::vector<std::string>& findings) {
  std::vector<std::string> named;
  for (const Machine& machine : machines) {
    for (const auto& [name, error] : machine.ceilings.failures) {
      named.push_back(fmt::format("`{}` ({})", name, ErrorKind(error)));
    }
  }
  if (!named.empty()) findings.push_back(fmt::format("**Failed ceilings:** {}.", Some(named)));
}

void AddNotProfiled(const Cases& cases, std::vector<std::string>& findings) {
  std::size_t good = 0, profiled = 0;
  for (const JudgedCase& judged : cases) {
    if (judged.record.error) continue;
    ++good;
    if (LastOf(judged.record, counters::kProfileKernels)) ++profiled;
  }
  if (profiled == 0 || profiled == good) return;
  findings.push_back(fmt::format("**Not profiled:** {} of {}; where a profile was asked for, the case's log says why.",
                                 good - profiled, Plural(good, "case")));
}

void AddDrifts(const std::vector<Machine>& machines, std::vector<std::string>& findings) {
  std::vector<std::string> named;
  for (const Machine& machine : machines) {
    for (const CeilingDrift& drift : machine.ceilings.drifts) {
      if (std::abs(drift.share) < kCeilingDrift) continue;
      named.push_back(fmt::format("`{}` ran {} {} at the end than at the start", drift.name,
                                  Percent(std::abs(drift.share)), drift.share < 0 ? "slower" : "faster"));
    }
  }
  if (!named.empty()) findings.push_back(fmt::format("**The machine changed during the run:** {}.", Some(named)));
}

void AddDisagreements(const Cases& cases, std::vector<std::string>& findings) {
  std::vector<std::string> named;
  std::size_t steps = 0;
  for (const std::vector<Record>& step : BySteps(cases)) {
    const std::optional<AgreementVerdict> agreement = Agreement(step);
    if (!agreement) continue;
    ++steps;
    const std::string name = StepInWords(step.front().c);
    if (agreement->disagree) named.push_back(fmt::format("{} ({})", name, agreement->sentence));
  }
  if (named.empty()) return;
  findings.push_back(fmt::format(
      "**Processes disagree:** {} of {}: {}. Medians of the same step, measured by processes that differ in their "
      "warm-ups alone, cold trials aside: no case's own deviation shows that.",
      named.size(), Plural(steps, "step"), Some(named)));
}

// The timer's bias, beside the run's shortest median.
struct Bias {
  double us, share;
};

std::optional<Bias> TimerBias(const Cases& cases, const std::vector<Machine>& machines) {
  std::optional<Bias> worst;
  for (const JudgedCase& judged : cases) {
    if (!judged.spread || judged.record.run >= machines.size()) continue;
    const std::optional<double> bias = machines[judged.record.run].ceilings.timer_bias_us;
    if (!bias) continue;
    const double share = *bias / judged.spread->median.median;
    if (!worst || share > worst->share) worst = {.us = *bias, .share = share};
  }
  return worst;
}

std::string TimerSentence(const Bias& bias) {
  return fmt::format("**Timer:** an empty kernel reads {} by a trial's own procedure, {} of the shortest median.",
                     Duration(bias.us), Percent(bias.share));
}

// "1 warm-up is enough in all 20 cases", "1 warm-up is enough in 18 of 20 cases, 2 in 2".
std::string EnoughWarmUps(const std::vector<WarmUpVerdict>& verdicts) {
  std::map<std::size_t, std::size_t> cases;  // by the warm-ups that they need
  std::size_t settled = 0;
  for (const WarmUpVerdict& verdict : verdicts) {
    if (!verdict.enough) continue;
    ++cases[*verdict.enough];
    ++settled;
  }
  std::string text;
  for (const auto& [enough, count] : cases) {
    if (!text.empty()) {
      text += fmt::format(", {} in {}", enough, count);
      continue;
    }
    text = fmt::format("{} {} enough", Plural(enough, "warm-up"), enough == 1 ? "is" : "are");
    if (verdicts.size() == 1) return text;
    text += count == verdicts.size() ? fmt::format(" in all {} cases", count)
                                     : fmt::format(" in {} of {} cases", count, verdicts.size());
  }
  if (settled == verdicts.size()) return text;
  return fmt::format("{}{}{} did not settle", text, text.empty() ? "" : "; ",
                     Plural(verdicts.size() - settled, "case"));
}

void AddWarmUp(const Cases& cases, std::vector<std::string>& findings) {
  std::vector<WarmUpVerdict> verdicts;
  for (const JudgedCase& judged : cases) {
    if (judged.warm_up) verdicts.push_back(*judged.warm_up);
  }
  if (verdicts.empty()) return;
  const auto cost = [](const WarmUpVerdict& verdict) { return std::max(0.0, verdict.first_step_cost_us); };
  const std::string least = Duration(cost(std::ranges::min(verdicts, {}, cost)));
  const std::string most = Duration(cost(std::ranges::max(verdicts, {}, cost)));
  findings.push_back(
      fmt::format("**Warm-up:** a process's first step costs {} beyond a steady one; {}. A mean over trials without "
                  "warm-ups has that cost in it, the median has not.",
                  least == most ? most : fmt::format("{} to {}", least, most), EnoughWarmUps(verdicts)));
}

// A machine without a GPU has none of these.
void AddMissing(const Cases& cases, const std::vector<Machine>& machines, std::vector<std::string>& findings) {
  if (cases.empty() || std::ranges::none_of(machines, &Machine::is_gpu)) return;
  std::vector<std::string> missing;
  const auto add = [&](const char* what, auto has) {
    if (std::ranges::none_of(cases, has)) missing.emplace_back(what);
  };
  add("utilisation",
      [](const JudgedCase& j) { return j.throughput && (j.throughput->of_peak || j.throughput->of_ceiling); });
  add("launch-bound cases", [](const JudgedCase& j) { return j.launch.has_value(); });
  add("memory", [](const JudgedCase& j) { return j.memory.has_value(); });
  add("throttling", [](const JudgedCase& j) { return j.clocks.has_value(); });
  if (missing.empty()) return;
  findings.push_back(fmt::format("**No verdict** on {}: the run does not hold what it takes.", Enumeration(missing)));
}

}  // namespace

std::vector<std::string> Findings(const Cases& cases, const std::vector<Machine>& machines,
                                  const std::vector<std::string>& problems) {
  std::vector<std::string> findings;
  AddProblems(problems, findings);
  for (const Kind& kind : WrongOrDisturbed()) AddCases(kind, cases, findings);
  AddFailedCeilings(machines, findings);
  AddDrifts(machines, findings);
  AddDisagreements(cases, findings);
  for (const Kind& kind : Unsteady()) AddCases(kind, cases, findings);
  AddCases(LaunchBoundCases(), MostWarmedUp(cases), findings);
  const std::optional<Bias> bias = TimerBias(cases, machines);
  const bool bias_counts = bias && bias->share >= kTimerBias;
  if (bias_counts) findings.push_back(TimerSentence(*bias));
  if (findings.empty() && !cases.empty()) findings.emplace_back("Nothing stands out.");
  AddWarmUp(cases, findings);
  AddNotProfiled(cases, findings);
  if (bias && !bias_counts) findings.push_back(TimerSentence(*bias));
  AddMissing(cases, machines, findings);
  if (findings.empty()) findings.emplace_back("No results found.");
  return findings;
}

}  // namespace tbench
