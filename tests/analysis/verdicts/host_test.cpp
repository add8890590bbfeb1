#include "analysis/verdicts/host.h"

#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using Counters = std::map<std::string, double>;

std::optional<HostVerdict> Judged(const Counters& last, std::optional<double> threads_of_run = 2) {
  Record record = TestRecord({.model = "small", .context = 128}, {10, 10, 10});
  record.trials.back().counters = last;
  Machine machine;
  machine.cpu_threads = threads_of_run;
  return Host(record, machine);
}

TEST(Host, ThatIsQuietSaysNothing) {
  const auto verdict = Judged({{"cpu_threads", 2},
                               {"host_wall_us", 1e6},
                               {"host_waited_us", 9'000},
                               {"host_stolen_us", 10'000},
                               {"host_preemptions", 400}});
  ASSERT_TRUE(verdict);
  EXPECT_FALSE(verdict->contended);
  EXPECT_EQ(verdict->sentence, "");
  EXPECT_DOUBLE_EQ(*verdict->waiting, 0.009);
  EXPECT_DOUBLE_EQ(*verdict->stolen, 0.01);
}

TEST(Host, IsContendedWhereACaseHadFewerThreads) {
  EXPECT_EQ(Judged({{"cpu_threads", 1}})->sentence, "1 of 2 threads, since no more cores were free");
  EXPECT_FALSE(Judged({{"cpu_threads", 1}}, std::nullopt)->contended) << "a run that does not tell its threads";
}

TEST(Host, IsContendedWhereThreadsWaitOrCoresAreTaken) {
  const auto verdict = Judged({{"host_wall_us", 2e6}, {"host_waited_us", 1.8e6}, {"host_stolen_us", 5e5}});
  EXPECT_TRUE(verdict->contended);
  EXPECT_EQ(verdict->sentence,
            "0.9 threads waited for a core on average; the hypervisor took 0.25 cores away on average");
  EXPECT_TRUE(Judged({{"host_wall_us", 1e6}, {"host_waited_us", 1e5}})->contended);
  EXPECT_FALSE(Judged({{"host_wall_us", 1e6}, {"host_waited_us", 0.99e5}})->contended);
}

TEST(Host, IsJudgedByPreemptionsWhereTheKernelCountsNoWaiting) {
  EXPECT_EQ(Judged({{"host_wall_us", 2e6}, {"host_preemptions", 500}})->sentence,
            "threads lost their cores 250 times a second");
  EXPECT_FALSE(Judged({{"host_wall_us", 2e6}, {"host_preemptions", 190}})->contended);
  const Counters of_16_threads{{"cpu_threads", 16}, {"host_wall_us", 1e6}, {"host_preemptions", 150}};
  EXPECT_FALSE(Judged(of_16_threads, 16)->contended) << "some ten a thread are the kernel's own";
}

TEST(Host, HasNoVerdictWhereNothingWasCounted) {
  EXPECT_FALSE(Judged({}));
  EXPECT_FALSE(Judged({{"host_wall_us", 1e6}}));
  Record failed = TestRecord({.model = "small", .context = 128}, {10});
  failed.trials.back().counters = {{"cpu_threads", 1}};
  failed.error = "out_of_memory: 9 GiB";
  EXPECT_FALSE(Host(failed, Machine{}));
}

}  // namespace
}  // namespace tbench
