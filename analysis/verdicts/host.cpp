#include "analysis/verdicts/host.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "analysis/read/trials.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

std::optional<double> Over(std::optional<double> amount, std::optional<double> wall_us) {
  return amount && wall_us && *wall_us > 0 ? std::optional(*amount / *wall_us) : std::nullopt;
}

}  // namespace

std::optional<HostVerdict> Host(const Record& record, const Machine& machine) {
  if (record.error) return std::nullopt;
  const auto read = [&](const char* counter) { return LastOf(record, counter); };
  const std::optional<double> wall_us = read(counters::kHostWall);
  HostVerdict verdict{.threads = read(counters::kCpuThreads),
                      .waiting = Over(read(counters::kHostWaited), wall_us),
                      .stolen = Over(read(counters::kHostStolen), wall_us),
                      .contended = false,
                      .sentence = {}};
  const std::optional<double> preemptions = Over(read(counters::kHostPreemptions), wall_us);  // a µs
  if (!verdict.threads && !verdict.waiting && !verdict.stolen && !preemptions) return std::nullopt;
  std::vector<std::string> reasons;
  if (verdict.threads && machine.cpu_threads && *verdict.threads < *machine.cpu_threads) {
    reasons.push_back(
        fmt::format("{} of {} threads, since no more cores were free", *verdict.threads, *machine.cpu_threads));
  }
  if (verdict.waiting >= kContendedCores) {
    reasons.push_back(fmt::format("{:.2g} threads waited for a core on average", *verdict.waiting));
  }
  const double many = std::max(kPreemptionsASecond, kPreemptionsOfAThread * verdict.threads.value_or(1)) * 1e-6;
  if (!verdict.waiting && preemptions >= many) {
    reasons.push_back(fmt::format("threads lost their cores {:.0f} times a second", *preemptions * 1e6));
  }
  if (verdict.stolen >= kContendedCores) {
    reasons.push_back(fmt::format("the hypervisor took {:.2g} cores away on average", *verdict.stolen));
  }
  verdict.contended = !reasons.empty();
  verdict.sentence = fmt::format("{}", fmt::join(reasons, "; "));
  return verdict;
}

}  // namespace tbench
