#include "analysis/verdicts/judged_case.h"

#include <algorithm>
#include <tuple>

#include "analysis/verdicts/consistency.h"
#include "analysis/verdicts/plausibility.h"
#include "analysis/verdicts/variant_axes.h"

namespace tbench {
namespace {

bool SameButForWarmUps(Case a, const Case& b) {
  a.warmups = b.warmups;
  return a == b;
}

}  // namespace

std::vector<JudgedCase> Judge(const std::vector<Record>& records, const std::vector<Machine>& machines) {
  std::vector<JudgedCase> cases;
  const std::vector<std::string> copied = WhyCopied(records);
  for (std::size_t i = 0; i < records.size(); ++i) {
    const Record& record = records[i];
    const Machine machine = record.run < machines.size() ? machines[record.run] : Machine{};
    cases.push_back({.record = record,
                     .spread = Spread(record),
                     .throughput = Throughput(record, machine),
                     .roofline = Roofline(record, machine),
                     .launch = LaunchBound(record, machine),
                     .warm_up = WarmUp(record),
                     .memory = Memory(record, machine),
                     .clocks = Clocks(record, machine),
                     .host = Host(record, machine),
                     .implausible = {}});
    JudgedCase& judged = cases.back();
    judged.implausible = WhyImplausible(record, machine, judged.throughput, judged.memory);
    if (judged.implausible.empty()) judged.implausible = copied[i];
  }
  std::ranges::stable_sort(cases, std::less<>{}, [](const JudgedCase& judged) {
    const Case& c = judged.record.c;
    return std::tuple(judged.record.config.d_model, c.model, c.context, c.pass, FurtherValues(c), c.batch, c.warmups);
  });
  return cases;
}

std::vector<std::vector<Record>> BySteps(const std::vector<JudgedCase>& cases) {
  std::vector<std::vector<Record>> steps;
  for (const JudgedCase& judged : cases) {  // sorted: they are neighbours
    if (steps.empty() || !SameButForWarmUps(steps.back().back().c, judged.record.c)) steps.emplace_back();
    steps.back().push_back(judged.record);
  }
  return steps;
}

std::vector<JudgedCase> MostWarmedUp(const std::vector<JudgedCase>& cases) {
  std::vector<JudgedCase> most;
  for (const JudgedCase& judged : cases) {  // sorted: those that differ in their warm-ups alone are neighbours
    if (most.empty() || !SameButForWarmUps(most.back().record.c, judged.record.c)) {
      most.push_back(judged);
    } else if (!judged.record.error) {
      most.back() = judged;
    }
  }
  return most;
}

}  // namespace tbench
