#include "benchmarks/torch/free_cores.h"

#include <time.h>

#include <algorithm>
#include <barrier>
#include <chrono>
#include <numeric>
#include <thread>
#include <vector>

namespace tbench {
namespace {

using Clock = std::chrono::steady_clock;
using Seconds = std::chrono::duration<double>;

constexpr Seconds kWindow{0.05};  // a dozen of the scheduler's slices
constexpr int kWindows = 3;
constexpr double kPassing = 0.2;  // cores' worth of what passes: interrupts, the kernel's own threads

Seconds OfThisThread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return Seconds(double(time.tv_sec) + double(time.tv_nsec) * 1e-9);
}

double CoreGot() {
  const auto start = Clock::now();
  const Seconds had = OfThisThread();
  while (Clock::now() - start < kWindow) {
  }
  return (OfThisThread() - had) / Seconds(Clock::now() - start);
}

}  // namespace

double CoresGot(int threads) {
  std::vector<double> got(std::size_t(threads), 0.0);
  std::barrier<> start(threads);
  std::vector<std::jthread> running;
  for (double& share : got) {
    running.emplace_back([&start, &share] {
      start.arrive_and_wait();
      share = CoreGot();
    });
  }
  running.clear();
  return std::reduce(got.begin(), got.end());
}

int FreeCores(int most, const std::function<double(int)>& cores_got) {
  int free = 1;
  for (int i = 0; i < kWindows && free < most; ++i) {
    free = std::clamp(int(cores_got(most) + kPassing), free, most);
  }
  return free;
}

}  // namespace tbench
