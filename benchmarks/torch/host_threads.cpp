#include "benchmarks/torch/host_threads.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

#include "benchmarks/names/flags.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

// Quota and period, in microseconds, are numbers where there is a limit; else "max", -1, or no file.
std::optional<double> Cores(const std::string& quota, const std::string& period) {
  const double used = std::atof(quota.c_str()), of = std::atof(period.c_str());
  return used > 0 && of > 0 ? std::optional(used / of) : std::nullopt;
}

std::string FirstWord(const fs::path& file) {
  std::string word;
  std::ifstream(file) >> word;
  return word;
}

std::optional<double> QuotaOfVersion2(const fs::path& group) {
  std::string quota, period;
  std::ifstream(group / "cpu.max") >> quota >> period;
  return Cores(quota, period);
}

std::optional<double> QuotaOfVersion1(const fs::path& group) {
  return Cores(FirstWord(group / "cpu.cfs_quota_us"), FirstWord(group / "cpu.cfs_period_us"));
}

// The least of a group and those above it, up to where the hierarchy is mounted. A container may be told its path from
// outside, of which nothing is mounted but the end: what is not there limits nothing.
template <class Read>
void LowerTo(std::optional<double>& least, const fs::path& mount, const std::string& group, Read read) {
  fs::path below = fs::path(group).relative_path();
  while (true) {
    const std::optional<double> quota = read(mount / below);
    if (quota && (!least || *quota < *least)) least = quota;
    if (below.empty()) return;
    below = below.parent_path();
  }
}

bool HasCpu(const std::string& controllers) {
  std::istringstream list(controllers);
  for (std::string one; std::getline(list, one, ',');) {
    if (one == "cpu") return true;
  }
  return false;
}

int AffinityCores(int otherwise) {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : otherwise;
}

}  // namespace

std::optional<double> CpuQuota(const fs::path& root) {
  const fs::path mounts = root / "sys/fs/cgroup";
  std::optional<double> least;
  std::ifstream groups(root / "proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {  // "0::/group" of version 2, "4:cpu,cpuacct:/group" of 1
    const std::size_t first = line.find(':'), second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1), group = line.substr(second + 1);
    if (controllers.empty()) {
      LowerTo(least, mounts, group, QuotaOfVersion2);
    } else if (HasCpu(controllers)) {
      for (const std::string& mount : {controllers, std::string("cpu")}) {
        LowerTo(least, mounts / mount, group, QuotaOfVersion1);
      }
    }
  }
  return least;
}

ThreadLimits ReadThreadLimits(int flag, const fs::path& root) {
  ThreadLimits limits{.flag = flag, .omp_num_threads = {}};
  if (const char* const variable = std::getenv("OMP_NUM_THREADS")) limits.omp_num_threads = variable;
  limits.machine_cores = int(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  limits.affinity_cores = AffinityCores(limits.machine_cores);
  limits.quota = CpuQuota(root);
  return limits;
}

HostThreads ChooseHostThreads(const ThreadLimits& limits) {
  if (limits.flag > 0) return {.count = limits.flag, .from = "--threads", .named_by_user = true};
  if (!limits.omp_num_threads.empty()) {
    const std::string outermost = limits.omp_num_threads.substr(0, limits.omp_num_threads.find(','));
    return {.count = int(ParseInteger("OMP_NUM_THREADS in the environment", outermost, 1, kMaxThreads)),
            .from = "OMP_NUM_THREADS",
            .named_by_user = true};
  }
  HostThreads threads{.count = limits.machine_cores, .from = ""};
  if (limits.affinity_cores < threads.count) threads = {.count = limits.affinity_cores, .from = "cpu affinity"};
  if (limits.quota && *limits.quota < threads.count)
    threads = {.count = std::max(1, int(*limits.quota)), .from = "cpu quota"};
  return threads;
}

}  // namespace tbench
