// Proves the timer and the profiler against kernels and calls whose time is known otherwise. Prints what it measures.
// Skipped where there is no GPU.

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/device.h"
#include "benchmarks/torch/empty_kernel.h"
#include "model/kernels/cuda_check.h"
#include "model/support/atomic_file.h"
#include "tests/benchmarks/torch/spin_kernels.h"

namespace tbench {
namespace {

constexpr int kRepeats = 200;

void Print(const std::string& line) { fmt::print("[ MEASURED ] {}\n", line); }

double Spread(const std::vector<double>& values) { return Quantile(values, 0.95) - Quantile(values, 0.05); }

// Memory that the host and the GPU both see.
template <class Value>
class Shared {
 public:
  Shared() {
    CheckCuda(cudaHostAlloc(&host_, sizeof(Value), cudaHostAllocMapped), "allocate mapped memory");
    CheckCuda(cudaHostGetDevicePointer(&gpu_, host_, 0), "map memory");
  }
  ~Shared() { cudaFreeHost(host_); }
  Shared(const Shared&) = delete;
  Shared& operator=(const Shared&) = delete;

  Value* gpu() const { return static_cast<Value*>(gpu_); }
  volatile Value& host() const { return *static_cast<volatile Value*>(host_); }

 private:
  void* host_ = nullptr;
  void* gpu_ = nullptr;
};

// Two events around work that waits in the queue: the host's part is over when the GPU begins.
class QueuedTimer {
 public:
  explicit QueuedTimer(cudaStream_t stream) : stream_(stream) {
    CheckCuda(cudaEventCreate(&start_), "create an event");
    CheckCuda(cudaEventCreate(&stop_), "create an event");
  }
  ~QueuedTimer() {
    cudaEventDestroy(start_);
    cudaEventDestroy(stop_);
  }
  QueuedTimer(const QueuedTimer&) = delete;
  QueuedTimer& operator=(const QueuedTimer&) = delete;

  double TimeMicroseconds(const std::function<void()>& work) {
    release_.host() = 0;
    CheckCuda(LaunchBlock(stream_, release_.gpu()), "block the stream");
    CheckCuda(cudaEventRecord(start_, stream_), "record the start");
    work();
    CheckCuda(cudaEventRecord(stop_, stream_), "record the stop");
    release_.host() = 1;
    CheckCuda(cudaStreamSynchronize(stream_), "wait");
    float milliseconds = 0;
    CheckCuda(cudaEventElapsedTime(&milliseconds, start_, stop_), "read the time between two events");
    return double(milliseconds) * 1e3;
  }

 private:
  cudaStream_t stream_;
  cudaEvent_t start_ = nullptr, stop_ = nullptr;
  Shared<int> release_;
};

class GpuTimer : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
    device_ = OpenTorchDevice({.device = {DeviceChoice::Kind::kCuda, 0}});
    stream_ = at::cuda::getCurrentCUDAStream();
    spun_.emplace();
    EmptyKernel();  // loads it
    Spin(1000);
    CheckCuda(cudaStreamSynchronize(stream_), "wait");
  }

  void EmptyKernel() const { CheckCuda(LaunchEmptyKernel(stream_), "launch an empty kernel"); }
  void Spin(std::uint64_t nanoseconds) { CheckCuda(LaunchSpin(stream_, nanoseconds, spun_->gpu()), "spin"); }
  double SpunMicroseconds() const { return double(spun_->host()) / 1e3; }

  Trial TimeTrial(const std::function<void()>& work) {
    return device_->timer().Time([&](PhaseMarks&) { work(); });
  }
  double TrialMicroseconds(const std::function<void()>& work) { return TimeTrial(work).iteration.count(); }
  std::vector<double> Repeat(int times, const std::function<double()>& measure) {
    std::vector<double> values;
    for (int i = 0; i < times; ++i) values.push_back(measure());
    return values;
  }

  // The same work by the timer and, in the same run, by Kineto.
  struct Profiled {
    StepProfile profile;
    double idle_us() const { return (*profile.step - profile.busy).count(); }
  };
  Profiled ProfileTrial(const std::function<void()>& work) {
    Trial trial;
    const auto trace =
        std::filesystem::path(testing::TempDir()) / fmt::format("timer_gpu_test.{}.trace.json", getpid());
    Profiled profiled{Summarize(device_->Profile([&] { trial = TimeTrial(work); }, trace))};
    std::filesystem::remove(trace);
    profiled.profile.step = trial.iteration;
    return profiled;
  }

  std::unique_ptr<Device> device_;
  cudaStream_t stream_ = nullptr;
  std::optional<Shared<std::uint64_t>> spun_;  // what the last Spin took, by the GPU's own clock, once it is done
};

TEST_F(GpuTimer, ReadsNearlyNothingBetweenTwoEvents) {
  QueuedTimer timer(stream_);
  const auto values = Repeat(kRepeats, [&] { return timer.TimeMicroseconds([] {}); });
  Print(
      fmt::format("back-to-back events, queued: median {:.2f} us, p95 - p5 {:.2f} us", Median(values), Spread(values)));
  EXPECT_LE(Median(values), 1.5);
}

TEST_F(GpuTimer, ReadsAnEmptyKernelThatIsQueuedInAFewMicroseconds) {
  QueuedTimer timer(stream_);
  const auto values = Repeat(kRepeats, [&] { return timer.TimeMicroseconds([&] { EmptyKernel(); }); });
  Print(fmt::format("empty kernel, queued: median {:.2f} us, p95 - p5 {:.2f} us", Median(values), Spread(values)));
  EXPECT_LE(Median(values), 3.5);
  EXPECT_LE(Spread(values), 0.3);
}

TEST_F(GpuTimer, AgreesWithTheGpusOwnClock) {
  QueuedTimer timer(stream_);
  for (const std::uint64_t nanoseconds : {100'000ULL, 1'000'000ULL, 10'000'000ULL, 100'000'000ULL}) {
    const int times = nanoseconds > 50'000'000 ? 5 : 21;
    const auto spin = [&] { Spin(nanoseconds); };
    const auto queued = Repeat(times, [&] { return timer.TimeMicroseconds(spin) - SpunMicroseconds(); });
    const auto alone = Repeat(times, [&] { return TrialMicroseconds(spin) - SpunMicroseconds(); });
    const double microseconds = double(nanoseconds) / 1e3;
    Print(fmt::format("spin of {} us: queued {:+.2f} us, by a trial's procedure {:+.2f} us", microseconds,
                      Median(queued), Median(alone)));
    EXPECT_LE(std::abs(Median(queued)), 4 + 1e-3 * microseconds);
    EXPECT_LE(std::abs(Median(alone)), 10 + 1e-3 * microseconds);
  }
}

TEST_F(GpuTimer, ReadsEmptyTrialsAlikeFromFirstToLast) {
  Repeat(1000, [&] { return TrialMicroseconds([&] { EmptyKernel(); }); });
  const auto values = Repeat(1000, [&] { return TrialMicroseconds([&] { EmptyKernel(); }); });
  // Not the medians: a shared host adds microseconds for a while, and is no drift of the procedure.
  const double first = Quantile({values.begin(), values.begin() + 100}, 0.1),
               last = Quantile({values.end() - 100, values.end()}, 0.1);
  Print(fmt::format(
      "empty trials: median {:.2f} us, p95 - p5 {:.2f} us; p10 of the first 100 {:.2f}, of the last 100 {:.2f}",
      Median(values), Spread(values), first, last));
  EXPECT_LE(std::abs(first - last), 0.5);
}

TEST_F(GpuTimer, AgreesWithKinetoOnACopyAndAGemm) {
  const auto compare = [&](const char* what, const std::function<void()>& call) {
    ProfileTrial(call);  // loads the call's kernels and the profiler
    std::vector<double> events, kineto;
    for (int i = 0; i < 11; ++i) {  // in turn: the profiler delays a launch by some 100 us
      events.push_back(TrialMicroseconds(call));
      kineto.push_back(ProfileTrial(call).profile.busy.count());
    }
    const double ratio = Median(events) / Median(kineto);
    Print(fmt::format("{}: events {:.1f} us, Kineto {:.1f} us, ratio {:.5f}", what, Median(events), Median(kineto),
                      ratio));
    EXPECT_NEAR(ratio, 1, 0.01) << what;
  };
  // Four in a row: what the host needs until the first one starts is the procedure's bias, and proven above.
  const auto four_times = [](const std::function<void()>& call) {
    return [call] {
      for (int i = 0; i < 4; ++i) call();
    };
  };
  const std::size_t bytes = std::size_t(4) << 30;
  const at::Tensor from = at::ones({std::int64_t(bytes)}, at::TensorOptions(at::kCUDA).dtype(at::kByte));
  const at::Tensor to = at::empty_like(from);
  compare("4 copies of 4 GiB", four_times([&] {
            CheckCuda(cudaMemcpyAsync(to.data_ptr(), from.data_ptr(), bytes, cudaMemcpyDeviceToDevice, stream_),
                      "copy");
          }));
  const at::Tensor a = at::randn({8192, 8192}, at::kCUDA), b = at::randn_like(a);
  at::Tensor result = at::empty_like(a);
  compare("4 GEMMs of 8192", four_times([&] { at::mm_out(result, a, b); }));
}

TEST_F(GpuTimer, TimesAStepFromItsFirstKernelToItsLast) {
  const Case c{.model = "xl", .context = 256, .pass = Pass::kForward};
  const auto step = device_->MakeStep(c, ModelTable().Find("xl"));
  NoMarks marks;
  const auto run = [&] { step->Run(marks); };
  for (int i = 0; i < 3; ++i) run();
  ProfileTrial(run);
  const StepProfile profile = ProfileTrial(run).profile;
  Print(fmt::format("xl, 256, forward: {} kernels; events {:.1f} us, span of the trace {:.1f} us, busy {:.1f} us",
                    profile.kernels, profile.step->count(), profile.span.count(), profile.busy.count()));
  EXPECT_NEAR(profile.step->count(), profile.span.count(), 0.01 * profile.span.count() + 10);
  EXPECT_GT(profile.of(KernelClass::kMatmul), 0.5 * profile.busy);
  EXPECT_LT(profile.of(KernelClass::kOther), 0.05 * profile.busy);
}

TEST_F(GpuTimer, CountsAPauseOfTheHostAsIdle) {
  const at::Tensor a = at::randn({4096, 4096}, at::kCUDA), b = at::randn_like(a);
  at::Tensor result = at::empty_like(a);
  const auto idle = [&](std::chrono::microseconds pause) {
    return Median(Repeat(11, [&] {
      return ProfileTrial([&] {
               const auto end = std::chrono::steady_clock::now() + pause;
               while (std::chrono::steady_clock::now() < end) {
               }
               at::mm_out(result, a, b);
             })
          .idle_us();
    }));
  };
  idle(std::chrono::microseconds(0));
  const double without = idle(std::chrono::microseconds(0)), with = idle(std::chrono::milliseconds(2));
  Print(fmt::format("idle: {:.1f} us, with a pause of 2 ms {:.1f} us", without, with));
  EXPECT_NEAR(with - without, 2000, 100);
}

TEST_F(GpuTimer, WritesATraceThatPerfettoOpens) {
  const auto trace = std::filesystem::path(testing::TempDir()) / "timer_gpu_test" / "one.trace.json";
  std::filesystem::remove(trace);
  const at::Tensor a = at::randn({256, 256}, at::kCUDA);
  device_->Profile([&] { at::mm(a, a); }, trace);
  const std::string text = ReadFile(trace);
  EXPECT_THAT(text, testing::HasSubstr("\"traceEvents\""));
  EXPECT_THAT(text, testing::HasSubstr("aten::mm"));
  EXPECT_THAT(text, testing::HasSubstr("\"kernel\""));
}

TEST_F(GpuTimer, TellsTheStateOfTheGpu) {
  const GpuState state = device_->ReadState();
  ASSERT_TRUE(state.sm_clock_mhz && state.power_watts && state.temperature_celsius && state.throttle_reasons);
  Print(fmt::format("SM clock {} MHz, {} W, {} C, reasons {:#x}, other processes {}", *state.sm_clock_mhz,
                    *state.power_watts, *state.temperature_celsius, *state.throttle_reasons,
                    state.other_processes.value_or(-1)));
  EXPECT_GT(*state.sm_clock_mhz, 100);
  EXPECT_GT(*state.power_watts, 10);
  EXPECT_GT(*state.temperature_celsius, 10);
}

TEST_F(GpuTimer, MeasuresCeilingsThatNoDataSheetExceeds) {
  for (const Ceiling& ceiling : CeilingsOf({{.precision = Precision::kFp32}, {.precision = Precision::kBf16}}, true)) {
    const ProbeReading reading = device_->MakeCeiling(ceiling)->Measure();
    Print(fmt::format("{}: {:.2f} us, {:.2f} T/s, host {:.2f} us, alone {:.2f} us", CeilingName(ceiling),
                      reading.time.count(), WorkOf(ceiling) / reading.time.count() / 1e6,
                      reading.enqueue.value_or(Microseconds(0)).count(),
                      reading.trial.value_or(Microseconds(0)).count()));
    EXPECT_GT(reading.time.count(), 0);
  }
}

}  // namespace
}  // namespace tbench
