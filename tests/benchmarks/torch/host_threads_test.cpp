#include "benchmarks/torch/host_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

void ExpectThreads(const ThreadLimits& limits, int count, const std::string& from) {
  const HostThreads threads = ChooseHostThreads(limits);
  EXPECT_EQ(threads.count, count);
  EXPECT_EQ(threads.from, from);
  EXPECT_EQ(threads.named_by_user, from == "--threads" || from == "OMP_NUM_THREADS");
}

TEST(HostThreads, AreTheCoresUnlessSomethingAllowsFewer) {
  ExpectThreads({.machine_cores = 8, .affinity_cores = 8}, 8, "");
  ExpectThreads({.machine_cores = 8, .affinity_cores = 8, .quota = 8}, 8, "");
  ExpectThreads({.machine_cores = 8, .affinity_cores = 3, .quota = 5}, 3, "cpu affinity");
  ExpectThreads({.machine_cores = 8, .affinity_cores = 3, .quota = 2.5}, 2, "cpu quota");
  ExpectThreads({.machine_cores = 8, .affinity_cores = 8, .quota = 0.5}, 1, "cpu quota");
}

TEST(HostThreads, AreThoseThatTheUserNames) {
  ExpectThreads({.omp_num_threads = "1", .machine_cores = 8, .affinity_cores = 8}, 1, "OMP_NUM_THREADS");
  ExpectThreads({.omp_num_threads = "16,2", .machine_cores = 8, .affinity_cores = 2}, 16, "OMP_NUM_THREADS");
  ExpectThreads({.flag = 3, .omp_num_threads = "1", .machine_cores = 8, .affinity_cores = 2}, 3, "--threads");
}

TEST(HostThreads, RefusesAVariableThatIsNoNumber) {
  for (const char* text : {"all", "0", "-1", "2x", "99999"}) {
    EXPECT_THAT([&] { ChooseHostThreads({.omp_num_threads = text}); },
                ThrowsMessage<InputError>(HasSubstr("OMP_NUM_THREADS in the environment '" + std::string(text))));
  }
}

class CpuQuotas : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) / ("host_threads_test." + std::to_string(getpid()));
};

TEST_F(CpuQuotas, AreNoneWithoutControlGroups) { EXPECT_EQ(CpuQuota(root_), std::nullopt); }

TEST_F(CpuQuotas, OfVersion2AreTheLeastUpToTheRoot) {
  Write("proc/self/cgroup", "0::/slice/job");
  Write("sys/fs/cgroup/slice/job/cpu.max", "max 100000");
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
  Write("sys/fs/cgroup/slice/cpu.max", "250000 100000");
  EXPECT_EQ(CpuQuota(root_), 2.5);
  Write("sys/fs/cgroup/slice/job/cpu.max", "400000 100000");
  EXPECT_EQ(CpuQuota(root_), 2.5);
  EXPECT_EQ(ReadThreadLimits(0, root_).quota, 2.5);
}

TEST_F(CpuQuotas, OfAContainerAreAtTheMount) {
  Write("proc/self/cgroup", "0::/");
  Write("sys/fs/cgroup/cpu.max", "150000 100000");
  EXPECT_EQ(CpuQuota(root_), 1.5);
}

TEST_F(CpuQuotas, OfVersion1AreOfTheControllerCpu) {
  Write("proc/self/cgroup", "5:cpuset:/\n4:cpu,cpuacct:/docker/1234\n1:name=systemd:/\n0::/");
  Write("sys/fs/cgroup/cpuset/cpu.cfs_quota_us", "1");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1");
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
  Write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000");
  EXPECT_EQ(CpuQuota(root_), 1);
}

TEST_F(CpuQuotas, OfVersion1AreTheLeastOfNestedGroupsToo) {
  const std::string mount = "sys/fs/cgroup/cpu";  // where the controllers' own name is no mount's
  Write("proc/self/cgroup", "4:cpu,cpuacct:/slice/job");
  for (const std::string group : {"", "/slice", "/slice/job"}) Write(mount + group + "/cpu.cfs_period_us", "100000");
  Write(mount + "/slice/job/cpu.cfs_quota_us", "400000");
  EXPECT_EQ(CpuQuota(root_), 4);
  Write(mount + "/slice/cpu.cfs_quota_us", "300000");
  EXPECT_EQ(CpuQuota(root_), 3);
  Write(mount + "/cpu.cfs_quota_us", "500000");
  EXPECT_EQ(CpuQuota(root_), 3);
}

TEST_F(CpuQuotas, OfBothVersionsAreTheLeast) {
  Write("proc/self/cgroup", "4:cpu:/\n0::/");
  Write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "200000");
  Write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000");
  Write("sys/fs/cgroup/cpu.max", "300000 100000");
  EXPECT_EQ(CpuQuota(root_), 2);
}

TEST_F(CpuQuotas, OfAnotherControllerAreNone) {
  Write("proc/self/cgroup", "5:cpuset,cpuacct:/");
  Write("sys/fs/cgroup/cpuset,cpuacct/cpu.cfs_quota_us", "100000");
  Write("sys/fs/cgroup/cpuset,cpuacct/cpu.cfs_period_us", "100000");
  EXPECT_EQ(CpuQuota(root_), std::nullopt);
}

TEST_F(CpuQuotas, StandBesideTheProcesssOwnLimits) {
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  int first = 0;
  while (!CPU_ISSET(first, &before)) ++first;
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const char* const variable = std::getenv("OMP_NUM_THREADS");
  const std::string old = variable == nullptr ? "" : variable;
  setenv("OMP_NUM_THREADS", "5,2", 1);
  const ThreadLimits limits = ReadThreadLimits(3, root_);
  variable == nullptr ? unsetenv("OMP_NUM_THREADS") : setenv("OMP_NUM_THREADS", old.c_str(), 1);
  sched_setaffinity(0, sizeof before, &before);
  EXPECT_EQ(limits.flag, 3);
  EXPECT_EQ(limits.omp_num_threads, "5,2");
  EXPECT_EQ(limits.affinity_cores, 1);
  EXPECT_EQ(limits.machine_cores, sysconf(_SC_NPROCESSORS_ONLN));
}

}  // namespace
}  // namespace tbench
