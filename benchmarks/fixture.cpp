#include "benchmarks/fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <utility>

namespace tbench {
namespace {

Microseconds Since(std::chrono::steady_clock::time_point start) { return std::chrono::steady_clock::now() - start; }

}  // namespace

StepFixture::StepFixture(Session& session, Case c, const ModelConfig& config, std::int64_t trials)
    : CountingFixture(session, trials), case_(std::move(c)), config_(config) {}

StepFixture::~StepFixture() { Free(); }

void StepFixture::Build() {
  const auto start = std::chrono::steady_clock::now();
  step_ = session().device.MakeStep(case_, config_);
  session().device.Synchronize();
  setup_ = Since(start);

  const auto warmup_start = std::chrono::steady_clock::now();
  NoMarks marks;
  for (std::int64_t i = 0; i < case_.warmups; ++i) RunStep(marks);
  session().device.Synchronize();
  warmup_ = Since(warmup_start);
}

Microseconds StepFixture::Measure() {
  if (is_first()) before_ = session().device.ReadState();
  TimeTrial();
  if (is_last()) {
    after_ = session().device.ReadState();
    if (!session().traces.empty()) ProfileStep();
  }
  return trial_.iteration;
}

void StepFixture::TimeTrial() {
  session().device.ResetPeakMemory();
  steps_before_ = session().steps_run;
  trial_ = session().device.timer().Time([&](PhaseMarks& marks) { RunStep(marks); });
  peak_ = session().device.peak_memory();
  loss_ = step_->Loss();  // the clock has stopped
  if (!std::isfinite(loss_)) throw NumericsError(fmt::format("the loss of trial {} is {}", repetition(), loss_));
}

// After the last trial: a profiler makes steps slower. The trials are good whether or not it can be had.
void StepFixture::ProfileStep() {
  Trial profiled;
  const auto step = [&] { profiled = session().device.timer().Time([&](PhaseMarks& marks) { RunStep(marks); }); };
  try {
    profile_ = Summarize(session().device.Profile(step, session().traces / (Slug(case_) + ".trace.json")));
    profile_->step = profiled.iteration;
  } catch (...) {
    fmt::print(stderr, "warning: {} has no profile: {}\n", CaseName(case_),
               session().device.Describe(std::current_exception()));
  }
}

void StepFixture::RunStep(PhaseMarks& marks) {
  ++session().steps_run;
  step_->Run(marks);
}

void StepFixture::Report(benchmark::State& state) {
  const auto set = [&state](const char* name, std::optional<double> value) { SetCounter(state, name, value); };
  const auto microseconds = [](const std::optional<Microseconds>& time) {
    return time ? std::optional(time->count()) : std::nullopt;
  };
  set("enqueue_us", microseconds(trial_.enqueue));
  set("end_to_end_us", trial_.end_to_end.count());
  set("forward_us", microseconds(trial_.of(Phase::kForward)));
  set("backward_us", microseconds(trial_.of(Phase::kBackward)));
  set("optimizer_us", microseconds(trial_.of(Phase::kOptimizer)));
  set("tokens_per_second", double(case_.batch * case_.context) / (trial_.iteration.count() * 1e-6));
  if (peak_) {
    set("peak_allocated_bytes", double(peak_->allocated_bytes));
    set("peak_reserved_bytes", double(peak_->reserved_bytes));
  }
  set("steps_before", double(steps_before_));
  set("loss", loss_);
  if (is_first()) {  // what the case cost before its first trial, and what it met
    set("setup_us", setup_.count());
    set("warmup_us", warmup_.count());
    set("sm_clock_before_mhz", before_.sm_clock_mhz);
    set("power_before_watts", before_.power_watts);
    set("temperature_before_celsius", before_.temperature_celsius);
    set("throttle_reasons_before", before_.throttle_reasons);
    set("other_processes_before", before_.other_processes);
  }
  if (is_last()) {
    set("sm_clock_after_mhz", after_.sm_clock_mhz);
    set("power_after_watts", after_.power_watts);
    set("temperature_after_celsius", after_.temperature_celsius);
    set("throttle_reasons_after", after_.throttle_reasons);
    set("other_processes_after", after_.other_processes);
  }
  if (profile_) {
    set("profile_kernels", double(profile_->kernels));
    set("profile_busy_us", profile_->busy.count());
    set("profile_span_us", profile_->span.count());
    set("profile_step_us", microseconds(profile_->step));
    for (const KernelClass c : KernelClasses()) set(CounterOf(c).c_str(), profile_->of(c).count());
  }
  state.SetLabel(step_->Label());
}

void StepFixture::Release() noexcept { step_.reset(); }

void RegisterCase(Session& session, const Case& c, const ModelConfig& config, std::int64_t trials) {
  RegisterFixture(CaseName(c), trials, std::make_shared<StepFixture>(session, c, config, trials));
}

}  // namespace tbench
