#include "benchmarks/harness/host_meter.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <system_error>

namespace tbench {
namespace {

namespace fs = std::filesystem;

// Of all threads: what /proc/self/schedstat says is of the first one alone (Documentation/scheduler/sched-stats.rst).
std::optional<double> WaitedUs(const fs::path& root) {
  double ran_ns = 0, waited_ns = 0;
  std::error_code none;
  for (const auto& thread : fs::directory_iterator(root / "proc/self/task", none)) {
    double ran = 0, waited = 0;
    if (!(std::ifstream(thread.path() / "schedstat") >> ran >> waited)) continue;  // it ended just now
    ran_ns += ran;
    waited_ns += waited;
  }
  // A process that reads this has run: a kernel that does not count says 0.
  return ran_ns > 0 ? std::optional(waited_ns / 1e3) : std::nullopt;
}

// Of the cores that the process may run on: on the others the hypervisor takes from others. A core's line is "cpuN user
// nice system idle iowait irq softirq steal …", in ticks (proc(5)).
std::optional<double> StolenUs(const fs::path& root) {
  cpu_set_t ours;
  if (sched_getaffinity(0, sizeof ours, &ours) != 0) return std::nullopt;
  std::ifstream stat(root / "proc/stat");
  std::optional<double> stolen;
  for (std::string text; std::getline(stat, text) && text.starts_with("cpu");) {
    std::istringstream line(text.substr(3));
    std::size_t core = 0;
    std::array<double, 8> ticks{};
    if (text[3] == ' ' || !(line >> core) || core >= CPU_SETSIZE || !CPU_ISSET(core, &ours)) continue;
    for (double& value : ticks) line >> value;
    if (line) stolen = stolen.value_or(0) + ticks[7] * 1e6 / double(sysconf(_SC_CLK_TCK));
  }
  return stolen;
}

std::optional<double> Preemptions() {
  rusage usage{};
  return getrusage(RUSAGE_SELF, &usage) == 0 ? std::optional(double(usage.ru_nivcsw)) : std::nullopt;
}

// A thread that ended in between has taken its own with it.
std::optional<double> Grown(std::optional<double> before, std::optional<double> after) {
  return before && after ? std::optional(std::max(0.0, *after - *before)) : std::nullopt;
}

}  // namespace

HostCounts ReadHostCounts(const fs::path& root) {
  return {.at = std::chrono::steady_clock::now(),
          .waited_us = WaitedUs(root),
          .stolen_us = StolenUs(root),
          .preemptions = Preemptions()};
}

HostUsage UsageBetween(const HostCounts& before, const HostCounts& after) {
  return {.wall_us = std::chrono::duration<double, std::micro>(after.at - before.at).count(),
          .waited_us = Grown(before.waited_us, after.waited_us),
          .stolen_us = Grown(before.stolen_us, after.stolen_us),
          .preemptions = Grown(before.preemptions, after.preemptions)};
}

}  // namespace tbench
