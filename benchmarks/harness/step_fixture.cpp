#include "benchmarks/harness/step_fixture.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <utility>

#include "benchmarks/names/counters.h"
#include "model/support/program.h"

namespace tbench {
namespace {

Microseconds Since(std::chrono::steady_clock::time_point start) { return std::chrono::steady_clock::now() - start; }

void SetState(benchmark::State& state, const counters::GpuStateNames& names, const GpuState& gpu) {
  SetCounter(state, names.sm_clock, gpu.sm_clock_mhz);
  SetCounter(state, names.power, gpu.power_watts);
  SetCounter(state, names.temperature, gpu.temperature_celsius);
  SetCounter(state, names.throttle_reasons, gpu.throttle_reasons);
  SetCounter(state, names.other_processes, gpu.other_processes);
}

}  // namespace

StepFixture::StepFixture(Session& session, Case c, const ModelConfig& config, std::int64_t trials)
    : CountingFixture(session, trials), case_(std::move(c)), config_(config) {}

StepFixture::~StepFixture() { Free(); }

void StepFixture::Build() {
  const auto start = std::chrono::steady_clock::now();
  session().device.ResetPeakMemory();
  step_ = session().device.MakeStep(case_, config_);
  session().steps_run += step_->steps_to_build();
  session().device.Synchronize();
  setup_ = Since(start);

  const auto warmup_start = std::chrono::steady_clock::now();
  NoMarks marks;
  for (std::int64_t i = 0; i < case_.warmups; ++i) RunStep(marks);
  session().device.Synchronize();
  warmup_ = Since(warmup_start);
}

Microseconds StepFixture::Measure() {
  if (is_first()) {
    before_ = session().device.ReadState();
    host_before_ = ReadHostCounts();
  }
  TimeTrial();
  if (is_last()) {
    host_ = UsageBetween(host_before_, ReadHostCounts());
    after_ = session().device.ReadState();
    if (!session().traces.empty()) ProfileStep();
  }
  return trial_.iteration;
}

void StepFixture::TimeTrial() {
  // A graph's replays allocate nothing: their memory was allocated when it was captured.
  if (case_.launch == Launch::kEager) session().device.ResetPeakMemory();
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
    PrintToStderr(fmt::format("warning: {} has no profile: {}", CaseName(case_),
                              session().device.Describe(std::current_exception())));
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
  set(counters::kEnqueue, microseconds(trial_.enqueue));
  set(counters::kEndToEnd, trial_.end_to_end.count());
  set(counters::kForward, microseconds(trial_.of(Phase::kForward)));
  set(counters::kBackward, microseconds(trial_.of(Phase::kBackward)));
  set(counters::kOptimizer, microseconds(trial_.of(Phase::kOptimizer)));
  set(counters::kTokensPerSecond, double(case_.batch * case_.context) / (trial_.iteration.count() * 1e-6));
  if (peak_) {
    set(counters::kPeakAllocated, double(peak_->allocated_bytes));
    set(counters::kPeakReserved, double(peak_->reserved_bytes));
  }
  set(counters::kStepsBefore, double(steps_before_));
  set(counters::kLoss, loss_);
  if (is_first()) {  // what the case cost before its first trial, and what it met
    set(counters::kSetup, setup_.count());
    set(counters::kWarmup, warmup_.count());
    SetState(state, counters::kBefore, before_);
  }
  if (is_last()) {
    SetState(state, counters::kAfter, after_);
    set(counters::kCpuThreads, session().device.cpu_threads());
    set(counters::kHostWall, host_.wall_us);
    set(counters::kHostWaited, host_.waited_us);
    set(counters::kHostStolen, host_.stolen_us);
    set(counters::kHostPreemptions, host_.preemptions);
  }
  if (profile_) {
    set(counters::kProfileKernels, double(profile_->kernels));
    set(counters::kProfileBusy, profile_->busy.count());
    set(counters::kProfileSpan, profile_->span.count());
    set(counters::kProfileStep, microseconds(profile_->step));
    for (const KernelClass c : KernelClasses()) set(CounterOf(c).c_str(), profile_->of(c).count());
  }
  state.SetLabel(step_->Label());
}

void StepFixture::Release() noexcept { step_.reset(); }

void RegisterCase(Session& session, const Case& c, const ModelConfig& config, std::int64_t trials) {
  RegisterFixture(CaseName(c), trials, std::make_shared<StepFixture>(session, c, config, trials));
}

}  // namespace tbench
