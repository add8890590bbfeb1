#include "benchmarks/fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace tbench {
namespace {

Microseconds Since(std::chrono::steady_clock::time_point start) { return std::chrono::steady_clock::now() - start; }

}  // namespace

StepFixture::StepFixture(Session& session, Case c, const ModelConfig& config, std::int64_t trials)
    : session_(session), case_(std::move(c)), config_(config), trials_(trials) {}

StepFixture::~StepFixture() { Free(); }

void StepFixture::SetUp(benchmark::State&) {
  if (trial_ != 0) return;
  if (session_.holder != nullptr) session_.holder->Free();  // its last TearDown never came
  session_.holder = this;
  Attempt([&] { Build(); });
}

void StepFixture::Build() {
  const auto start = std::chrono::steady_clock::now();
  step_ = session_.device.MakeStep(case_, config_);
  session_.device.Synchronize();
  setup_ = Since(start);

  const auto warmup_start = std::chrono::steady_clock::now();
  NoMarks marks;
  for (std::int64_t i = 0; i < case_.warmups; ++i) RunStep(marks);
  session_.device.Synchronize();
  warmup_ = Since(warmup_start);
}

void StepFixture::BenchmarkCase(benchmark::State& state) {
  for ([[maybe_unused]] auto _ : state) {  // one iteration: one trial
    Trial trial;
    Attempt([&] { trial = TimeOne(); });
    if (error_) {
      state.SkipWithError(error_->c_str());  // the only place that raises
      break;
    }
    state.SetIterationTime(std::chrono::duration<double>(trial.iteration).count());
    Report(trial, state);
  }
}

Trial StepFixture::TimeOne() {
  session_.device.ResetPeakMemory();
  steps_before_ = session_.steps_run;
  const Trial trial = session_.device.timer().Time([&](PhaseMarks& marks) { RunStep(marks); });
  loss_ = step_->Loss();  // the clock has stopped
  if (!std::isfinite(loss_)) throw NumericsError(fmt::format("the loss of trial {} is {}", trial_, loss_));
  return trial;
}

void StepFixture::RunStep(PhaseMarks& marks) {
  ++session_.steps_run;
  step_->Run(marks);
}

// The one place that spells the counters' names.
void StepFixture::Report(const Trial& trial, benchmark::State& state) {
  const auto set = [&state](const char* name, std::optional<double> value) {
    // A bare NaN in the file would make it unreadable.
    if (value && std::isfinite(*value)) state.counters[name] = *value;
  };
  const auto microseconds = [](const std::optional<Microseconds>& time) {
    return time ? std::optional(time->count()) : std::nullopt;
  };
  set("enqueue_us", microseconds(trial.enqueue));
  set("end_to_end_us", trial.end_to_end.count());
  set("forward_us", microseconds(trial.of(Phase::kForward)));
  set("backward_us", microseconds(trial.of(Phase::kBackward)));
  set("optimizer_us", microseconds(trial.of(Phase::kOptimizer)));
  set("tokens_per_second", double(case_.batch * case_.context) / (trial.iteration.count() * 1e-6));
  if (const auto peak = session_.device.peak_memory()) {
    set("peak_allocated_bytes", double(peak->allocated_bytes));
    set("peak_reserved_bytes", double(peak->reserved_bytes));
  }
  set("steps_before", double(steps_before_));
  set("loss", loss_);
  if (trial_ == 0) {  // what the case cost before its first trial
    set("setup_us", setup_.count());
    set("warmup_us", warmup_.count());
  }
  state.SetLabel(step_->Label());
}

void StepFixture::TearDown(benchmark::State&) {
  if (++trial_ == trials_) Free();
}

void StepFixture::Free() noexcept {
  if (session_.holder != this) return;
  step_.reset();
  session_.holder = nullptr;
  session_.device.CleanUp();
}

void StepFixture::Attempt(const std::function<void()>& work) {
  if (error_) return;
  try {
    work();
    return;
  } catch (...) {
    error_ = session_.device.Describe(std::current_exception());
  }
  // Outside the catch block, which keeps what the exception holds alive.
  ++session_.failed_cases;
  Free();
}

void RegisterCase(Session& session, const Case& c, const ModelConfig& config, std::int64_t trials) {
  auto fixture = std::make_shared<StepFixture>(session, c, config, trials);
  benchmark::RegisterBenchmark(CaseName(c).c_str(), [fixture](benchmark::State& state) { fixture->Run(state); })
      ->Iterations(1)
      ->Repetitions(int(trials))
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace tbench
