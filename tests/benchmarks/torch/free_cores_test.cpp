#include "benchmarks/torch/free_cores.h"

#include <gtest/gtest.h>

#include <vector>

namespace tbench {
namespace {

// What is chosen where the moments give that many cores, one after the other.
struct Chosen {
  int free;
  std::size_t moments;
};
Chosen Choose(int most, const std::vector<double>& got) {
  std::size_t moment = 0;
  const int free = FreeCores(most, [&](int threads) {
    EXPECT_EQ(threads, most);
    return got.at(std::min(moment++, got.size() - 1));
  });
  return {free, moment};
}

TEST(FreeCores, AreAllOnAQuietMachine) {
  EXPECT_EQ(Choose(2, {2.0}).free, 2);
  EXPECT_EQ(Choose(2, {1.9}).free, 2) << "interrupts are no neighbour";
  EXPECT_EQ(Choose(16, {15.95}).free, 16);
  EXPECT_EQ(Choose(16, {15.95}).moments, 1);
}

// As measured on 2 and on 16 cores beside busy processes.
TEST(FreeCores, LeaveEachBusyNeighbourItsOwn) {
  EXPECT_EQ(Choose(2, {1.5}).free, 1);
  EXPECT_EQ(Choose(2, {1.08}).free, 1);
  EXPECT_EQ(Choose(16, {15.06}).free, 15);
  EXPECT_EQ(Choose(16, {14.06}).free, 14);
  EXPECT_EQ(Choose(16, {12.3}).free, 12);
}

TEST(FreeCores, AreNeverNone) { EXPECT_EQ(Choose(2, {0.67}).free, 1); }

TEST(FreeCores, AreLookedForAgainSinceAMomentsNeighbourGoes) {
  EXPECT_EQ(Choose(2, {1.5, 2.0}).free, 2);
  EXPECT_EQ(Choose(2, {1.5, 2.0}).moments, 2);
  EXPECT_EQ(Choose(16, {15.06, 12.3, 14.1}).free, 15);
  EXPECT_EQ(Choose(2, {1.5}).moments, 3);
}

TEST(FreeCores, OfOneThreadNeedNoLook) { EXPECT_EQ(Choose(1, {0.0}).moments, 0); }

TEST(CoresGot, AreMoreThanNoneAndNoMoreThanThreads) {
  const double got = CoresGot(3);
  EXPECT_GT(got, 0);
  EXPECT_LE(got, 3.01);
}

}  // namespace
}  // namespace tbench
