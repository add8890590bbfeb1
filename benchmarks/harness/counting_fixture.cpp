#include "benchmarks/harness/counting_fixture.h"

#include <cmath>

#include "model/support/utf8.h"

namespace tbench {

CountingFixture::CountingFixture(Session& session, std::int64_t repetitions)
    : session_(session), repetitions_(repetitions) {}

void CountingFixture::SetUp(benchmark::State&) {
  if (repetition_ != 0) return;
  if (session_.holder != nullptr) session_.holder->Free();  // its last TearDown never came
  if (!session_.why_not_run.empty()) {
    error_ = session_.why_not_run;
    ++session_.failed_cases;
    return;
  }
  session_.holder = this;
  Attempt([&] { Build(); });
}

void CountingFixture::BenchmarkCase(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {  // one iteration
    Microseconds time{};
    Attempt([&] { time = Measure(); });
    if (error_) {
      state.SkipWithError(error_->c_str());  // the only place that raises
      break;
    }
    state.SetIterationTime(std::chrono::duration<double>(time).count());
    Report(state);
  }
}

void CountingFixture::TearDown(benchmark::State&) {
  if (++repetition_ == repetitions_) Free();
}

void CountingFixture::Free() noexcept {
  if (session_.holder != this) return;
  Release();
  session_.holder = nullptr;
  session_.device.CleanUp();
}

void CountingFixture::Attempt(const std::function<void()>& work) {
  if (error_) return;
  try {
    work();
    return;
  } catch (...) {
    const std::exception_ptr error = std::current_exception();
    error_ = ValidUtf8(session_.device.Describe(error));
    if (!session_.device.IsUsableAfter(error)) {
      session_.why_not_run = "failed: not run: an earlier benchmark left this process without its device: " + *error_;
    }
  }
  // Outside the catch block, which keeps what the exception holds alive.
  ++session_.failed_cases;
  Free();
}

void SetCounter(benchmark::State& state, const char* name, std::optional<double> value) {
  if (value && std::isfinite(*value)) state.counters[name] = *value;
}

void RegisterFixture(const std::string& name, std::int64_t repetitions,
                     const std::shared_ptr<CountingFixture>& fixture) {
  benchmark::RegisterBenchmark(name.c_str(), [fixture](benchmark::State& state) { fixture->Run(state); })
      ->Iterations(1)
      ->Repetitions(int(repetitions))
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace tbench
