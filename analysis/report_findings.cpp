#include "analysis/report_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "analysis/text.h"
#include "analysis/trials.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {
namespace {

constexpr std::size_t kNamed = 3;  // of many cases of one kind

// What to say of a case; empty for nothing.
using Detail = std::function<std::string(const JudgedCase&)>;

// Up to three of many, separated by semicolons, since names of cases have commas.
std::string Some(const std::vector<std::string>& all) {
  std::string text;
  for (std::size_t i = 0; i < std::min(kNamed, all.size()); ++i) text += (i == 0 ? "" : "; ") + all[i];
  if (all.size() > kNamed) text += fmt::format("; and {} more", all.size() - kNamed);
  return text;
}

struct Kind {
  std::string title;
  Detail detail;
  std::string remark;  // after the cases
};

std::string Reason(const JudgedCase& judged) {
  const auto& [record, spread, throughput, launch, warm_up, memory, clocks] = judged;
  if (!record.error) return "";
  std::string kind = ErrorKind(*record.error);
  std::ranges::replace(kind, '_', ' ');
  return memory ? kind + ": " + memory->sentence : kind;
}

std::vector<Kind> KindsBeforeTheCeilings() {
  return {
      {"Failed", Reason, ""},
      {"Implausible",
       [](const JudgedCase& j) {
         return j.throughput && j.throughput->implausible ? j.throughput->sentence : std::string();
       },
       ""},
      {"Throttled",
       [](const JudgedCase& j) { return j.clocks && j.clocks->throttled ? j.clocks->sentence : std::string(); }, ""},
      {"Not alone on the GPU",
       [](const JudgedCase& j) { return j.clocks && j.clocks->shared ? j.clocks->sentence : std::string(); }, ""},
      {"SM clock fell",
       [](const JudgedCase& j) {
         const bool tells = j.clocks && j.clocks->clock_fell && !j.clocks->throttled;
         return tells ? j.clocks->sentence : std::string();
       },
       ""}};
}

std::vector<Kind> KindsAfterTheCeilings() {
  return {
      {"Level shift",
       [](const JudgedCase& j) { return j.spread && j.spread->shift ? j.spread->sentence : std::string(); },
       "These cases have no one time: look at their trials."},
      {"Outliers",
       [](const JudgedCase& j) { return j.spread && !j.spread->outliers.empty() ? j.spread->sentence : std::string(); },
       "They count: the median hardly moves by them, the mean does."},
      {"Not cold",
       [](const JudgedCase& j) {
         const auto steps = FirstOf(j.record, "steps_before");
         return j.warm_up && j.warm_up->start == Start::kNotCold ? fmt::format("{:.0f} steps before", steps.value_or(0))
                                                                 : std::string();
       },
       "These have no warm-ups, but something ran in their processes before."},
      {"Launch-bound",
       [](const JudgedCase& j) {
         return j.launch && j.launch->bound == Bound::kLaunch ? j.launch->sentence : std::string();
       },
       "Their times are the host's: a faster GPU would not change them."}};
}

void AddCases(const std::vector<Kind>& kinds, const std::vector<JudgedCase>& cases,
              std::vector<std::string>& findings) {
  for (const Kind& kind : kinds) {
    std::vector<std::string> named;
    for (const JudgedCase& judged : cases) {
      const std::string detail = kind.detail(judged);
      if (!detail.empty()) named.push_back(fmt::format("{} ({})", ShortName(judged.record.c), detail));
    }
    if (named.empty()) continue;
    findings.push_back(fmt::format("**{}:** {} of {}: {}.{}{}", kind.title, named.size(), Plural(cases.size(), "case"),
                                   Some(named), kind.remark.empty() ? "" : " ", kind.remark));
  }
}

void AddProblems(const std::vector<std::string>& problems, std::vector<std::string>& findings) {
  if (!problems.empty()) findings.push_back(fmt::format("**Not read:** {}.", Some(problems)));
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
  if (named.empty()) return;
  findings.push_back(fmt::format("**The machine changed during the run:** {}.", Some(named)));
}

// The timer's bias beside the run's shortest median; nothing where it was not measured.
struct Bias {
  double us, share;
};

std::optional<Bias> TimerBias(const std::vector<JudgedCase>& cases, const std::vector<Machine>& machines) {
  std::optional<Bias> worst;
  for (const JudgedCase& judged : cases) {
    if (!judged.spread || judged.record.run >= machines.size()) continue;
    const auto bias = machines[judged.record.run].ceilings.timer_bias_us;
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
  std::map<std::size_t, std::size_t> cases;  // by the warm-ups they need
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
    const std::string where = count == verdicts.size()
                                  ? fmt::format("all {}", Plural(count, "case"))
                                  : fmt::format("{} of {}", count, Plural(verdicts.size(), "case"));
    text = fmt::format("{} {} enough in {}", Plural(enough, "warm-up"), enough == 1 ? "is" : "are", where);
  }
  if (settled == verdicts.size()) return text;
  return fmt::format("{}{}{} did not settle", text, text.empty() ? "" : "; ",
                     Plural(verdicts.size() - settled, "case"));
}

void AddWarmUp(const std::vector<JudgedCase>& cases, std::vector<std::string>& findings) {
  std::vector<WarmUpVerdict> verdicts;
  for (const JudgedCase& judged : cases) {
    if (judged.warm_up) verdicts.push_back(*judged.warm_up);
  }
  if (verdicts.empty()) return;
  const auto [least, most] = std::ranges::minmax(verdicts, {}, &WarmUpVerdict::first_step_cost_us);
  const std::string cost = verdicts.size() == 1 ? Duration(most.first_step_cost_us)
                                                : fmt::format("{} to {}", Duration(least.first_step_cost_us),
                                                              Duration(most.first_step_cost_us));
  findings.push_back(
      fmt::format("**Warm-up:** a process's first step costs {} beyond a steady one; {}. A mean over trials without "
                  "warm-ups has that cost in it, the median has not.",
                  cost, EnoughWarmUps(verdicts)));
}

void AddMissing(const std::vector<JudgedCase>& cases, const std::vector<Machine>& machines,
                std::vector<std::string>& findings) {
  if (std::ranges::none_of(machines, &Machine::is_gpu) || cases.empty()) return;
  const auto none = [&](auto verdict) {
    return std::ranges::none_of(cases, [&](const JudgedCase& judged) { return verdict(judged); });
  };
  std::vector<std::string> missing;
  if (none([](const JudgedCase& j) { return j.throughput && (j.throughput->of_peak || j.throughput->of_ceiling); })) {
    missing.emplace_back("utilisation");
  }
  if (none([](const JudgedCase& j) { return j.launch.has_value(); })) missing.emplace_back("launch-bound cases");
  if (none([](const JudgedCase& j) { return j.memory.has_value(); })) missing.emplace_back("memory");
  if (none([](const JudgedCase& j) { return j.clocks.has_value(); })) missing.emplace_back("throttling");
  if (missing.empty()) return;
  findings.push_back(fmt::format("**No verdict** on {}: the run does not hold what it takes.", Enumeration(missing)));
}

}  // namespace

std::vector<std::string> Findings(const std::vector<JudgedCase>& cases, const std::vector<Machine>& machines,
                                  const std::vector<std::string>& problems) {
  std::vector<std::string> findings;
  AddProblems(problems, findings);
  AddCases(KindsBeforeTheCeilings(), cases, findings);
  AddDrifts(machines, findings);
  AddCases(KindsAfterTheCeilings(), cases, findings);
  const std::optional<Bias> bias = TimerBias(cases, machines);
  const bool bias_counts = bias && bias->share >= kTimerBias;
  if (bias_counts) findings.push_back(TimerSentence(*bias));
  if (findings.empty()) findings.emplace_back("Nothing stands out.");
  AddWarmUp(cases, findings);
  if (bias && !bias_counts) findings.push_back(TimerSentence(*bias));
  AddMissing(cases, machines, findings);
  return findings;
}

}  // namespace tbench
