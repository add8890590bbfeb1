#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tbench {

// What bears on how many CPU threads an operator has.
struct ThreadLimits {
  int flag = 0;                      // --threads; 0: not given
  std::string omp_num_threads;       // OMP_NUM_THREADS, such as "4" or, for nested regions, "4,2"; empty: not set
  int machine_cores = 1;             // those that are online
  int affinity_cores = 1;            // those that this process may run on
  std::optional<double> quota = {};  // of the control groups, in cores
};

struct HostThreads {
  int count;
  std::string from;  // what decided: "--threads", "OMP_NUM_THREADS", "cpu affinity", "cpu quota"; empty: the cores
  bool named_by_user = false;  // else a case takes no more than are free
};

// The flag, else OMP_NUM_THREADS, else the fewest of cores, affinity and quota. A quota's fraction is no thread: the
// group would be stopped for a part of each period. InputError for an OMP_NUM_THREADS that is no number.
HostThreads ChooseHostThreads(const ThreadLimits& limits);

// This process's limits. `root` is "/", or a folder with proc/self/cgroup and sys/fs/cgroup for a test.
ThreadLimits ReadThreadLimits(int flag, const std::filesystem::path& root = "/");

// The least CPU quota, in cores, of this process's control groups of version 1 and 2 and those above them.
std::optional<double> CpuQuota(const std::filesystem::path& root);

}  // namespace tbench
