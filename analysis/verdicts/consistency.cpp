#include "analysis/verdicts/consistency.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

using Figure = std::optional<double> (*)(const TimedTrial&);

std::optional<double> Time(const TimedTrial& trial) { return trial.time_us; }
std::optional<double> EndToEnd(const TimedTrial& trial) { return CounterOf(trial, counters::kEndToEnd); }
std::optional<double> Enqueue(const TimedTrial& trial) { return CounterOf(trial, counters::kEnqueue); }

std::optional<double> Phases(const TimedTrial& trial) {
  std::optional<double> sum;
  for (const char* phase : {counters::kForward, counters::kBackward, counters::kOptimizer}) {
    if (const auto us = CounterOf(trial, phase)) sum = sum.value_or(0) + *us;
  }
  return sum;
}

// A part that cannot take longer than its whole. Enqueueing may take longer than the trial, whose clock starts later.
struct Part {
  std::string_view name;
  Figure of_part;
  std::string_view whole;
  Figure of_whole;
};
constexpr std::array kParts{Part{"the phases", Phases, "the trial", Time},
                            Part{"the trial", Time, "it takes end to end", EndToEnd},
                            Part{"enqueueing", Enqueue, "it takes end to end", EndToEnd}};

std::string WhyPartsDoNotFit(const Record& record, const Machine&) {
  for (std::size_t i = 0; i < record.trials.size(); ++i) {
    const TimedTrial& trial = record.trials[i];
    for (const auto& [name, us] : trial.counters) {
      if (name.ends_with("_us") && us < 0) return fmt::format("trial {} has a {} of {:.4g}", i + 1, name, us);
    }
    for (const Part& part : kParts) {
      const std::optional<double> us = part.of_part(trial), whole = part.of_whole(trial);
      if (!us || !whole || *us <= *whole * (1 + kTimersDiffer) + kTimerSlackUs) continue;
      return fmt::format("in trial {}, {} took {}, and {} {}", i + 1, part.name, Duration(*us), part.whole,
                         Duration(*whole));
    }
  }
  return "";
}

// A trial's own may be late when the host is: the clock starts after it.
std::string WhyEnqueueingIsTooLong(const Record& record, const Machine&) {
  const double trial = MedianTimeUs(record);
  const std::optional<double> enqueue = MedianOf(record, counters::kEnqueue);
  if (!enqueue || *enqueue <= kEnqueueOfTrial * trial) return "";
  return fmt::format("enqueueing takes {} and the trial {} in the median", Duration(*enqueue), Duration(trial));
}

bool AllEqual(const std::vector<TimedTrial>& trials) {
  return std::ranges::adjacent_find(trials, std::not_equal_to<>{}, &TimedTrial::time_us) == trials.end();
}

std::string WhyEqualTrials(const Record& record, const Machine& machine) {
  const std::size_t trials = record.trials.size();
  if (!machine.is_gpu || trials < kEqualTrials || record.trials.front().time_us < kEqualTrialsUs) return "";
  return AllEqual(record.trials) ? fmt::format("all {} trials are equal to the last digit", trials) : "";
}

std::string WhyOtherLosses(const Record& record, const Machine&) {
  const std::optional<double> first = FirstOf(record, counters::kLoss);
  const bool moves = TraitsOf(record.c.pass).optimizer;
  for (std::size_t i = 0; i < record.trials.size(); ++i) {
    const std::optional<double> loss = CounterOf(record.trials[i], counters::kLoss);
    if (!loss) continue;
    if (!(*loss >= 0 && *loss <= kLargestLoss)) {
      return fmt::format("the loss of trial {} is {:.4g}, which is no cross-entropy's", i + 1, *loss);
    }
    if (moves || !first || std::abs(*loss - *first) <= kLossDifference * *first) continue;
    return fmt::format("the loss is {:.4g} in trial 1 and {:.4g} in trial {}, and nothing changed the weights", *first,
                       *loss, i + 1);
  }
  return "";
}

std::string WhyOtherSteps(const Record& record, const Machine&) {
  std::optional<double> last;
  for (std::size_t i = 0; i < record.trials.size(); ++i) {
    const std::optional<double> steps = CounterOf(record.trials[i], counters::kStepsBefore);
    if (!steps) continue;
    if (last && *steps <= *last) {
      return fmt::format("{:.0f} steps ran before trial {}, and {:.0f} before an earlier one", *steps, i + 1, *last);
    }
    if (*steps < double(record.c.warmups)) {
      return fmt::format("{:.0f} steps ran before trial {}, and it has {}", *steps, i + 1,
                         Plural(std::size_t(record.c.warmups), "warm-up"));
    }
    last = steps;
  }
  return "";
}

using Check = std::string (*)(const Record&, const Machine&);
constexpr std::array<Check, 5> kChecks{WhyPartsDoNotFit, WhyEnqueueingIsTooLong, WhyEqualTrials, WhyOtherLosses,
                                       WhyOtherSteps};

// Whether the times are so many and so different that no other measurement has them.
bool AreUnique(const Record& record) { return record.trials.size() >= kCopiedTrials && !AllEqual(record.trials); }

}  // namespace

std::string WhyInconsistent(const Record& record, const Machine& machine) {
  for (const Check check : kChecks) {
    if (std::string why = check(record, machine); !why.empty()) return why;
  }
  return "";
}

bool AreCopies(const Record& a, const Record& b) {
  return AreUnique(a) && std::ranges::equal(a.trials, b.trials, {}, &TimedTrial::time_us, &TimedTrial::time_us);
}

std::vector<std::string> WhyCopied(const std::vector<Record>& records) {
  const auto why = [&](std::size_t original) {
    return fmt::format("its trials are those of {}, to the last digit", CaseInWords(records[original].c));
  };
  std::vector<std::string> copied(records.size());
  std::map<std::vector<double>, std::size_t> originals;
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i].error || !AreUnique(records[i])) continue;
    const auto [original, is_new] = originals.emplace(TimesUs(records[i]), i);
    if (is_new) continue;
    copied[i] = why(original->second);
    if (copied[original->second].empty()) copied[original->second] = why(i);
  }
  return copied;
}

}  // namespace tbench
