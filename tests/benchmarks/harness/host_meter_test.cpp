#include "benchmarks/harness/host_meter.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace tbench {
namespace {

class HostCounters : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove_all(root_); }
  void Write(const std::string& file, const std::string& text) const {
    std::filesystem::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text << "\n";
  }

  const std::filesystem::path root_ =
      std::filesystem::path(testing::TempDir()) / ("host_meter_test." + std::to_string(getpid()));
};

TEST_F(HostCounters, AreOfAllThreads) {
  Write("proc/self/task/7/schedstat", "5000000 2000000 12");
  Write("proc/self/task/8/schedstat", "1000000 500000 3");
  const HostCounts counts = ReadHostCounts(root_);
  EXPECT_EQ(counts.waited_us, 2500);
  EXPECT_GE(counts.preemptions, 0);
}

TEST_F(HostCounters, AreOfTheCoresThatTheProcessMayRunOn) {
  cpu_set_t ours;
  ASSERT_EQ(sched_getaffinity(0, sizeof ours, &ours), 0);
  std::string stat = "cpu  0 9 9 9 9 9 9 9 9 9\n";
  for (int core = 0; core < CPU_SETSIZE; ++core) {
    stat += "cpu" + std::to_string(core) + " 1 1 1 1 1 1 1 " + (CPU_ISSET(core, &ours) ? "3" : "70") + " 0 0\n";
  }
  Write("proc/stat", stat + "intr 1 2 3");
  EXPECT_EQ(ReadHostCounts(root_).stolen_us, CPU_COUNT(&ours) * 3e6 / double(sysconf(_SC_CLK_TCK)));
}

TEST_F(HostCounters, AreAbsentWhereTheKernelDoesNotCount) {
  EXPECT_EQ(ReadHostCounts(root_).waited_us, std::nullopt);
  Write("proc/self/task/7/schedstat", "0 0 0");
  Write("proc/stat", "cpu  46635 321 10486 22363 666 0 99\ncpu0 46635 321 10486 22363 666 0 99");
  const HostCounts counts = ReadHostCounts(root_);
  EXPECT_EQ(counts.waited_us, std::nullopt);
  EXPECT_EQ(counts.stolen_us, std::nullopt);
}

TEST(HostUsage, IsWhatGrew) {
  const auto now = std::chrono::steady_clock::now();
  const HostUsage usage =
      UsageBetween({.at = now, .waited_us = 100, .stolen_us = 70, .preemptions = 3},
                   {.at = now + std::chrono::milliseconds(2), .waited_us = 900, .stolen_us = 60, .preemptions = {}});
  EXPECT_DOUBLE_EQ(usage.wall_us, 2000);
  EXPECT_EQ(usage.waited_us, 800);
  EXPECT_EQ(usage.stolen_us, 0);
  EXPECT_EQ(usage.preemptions, std::nullopt);
}

}  // namespace
}  // namespace tbench
