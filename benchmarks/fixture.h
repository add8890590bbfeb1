#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "benchmarks/case.h"
#include "benchmarks/device.h"
#include "model/config.h"

namespace tbench {

class StepFixture;

// What all cases of a process share.
struct Session {
  Device& device;
  std::int64_t steps_run = 0;     // by any case: a trial at 0 is cold
  std::int64_t failed_cases = 0;  // each counted once
  StepFixture* holder = nullptr;  // the fixture whose model is on the device; at most one
};

// One case under Google Benchmark. The library calls SetUp, the body and TearDown for every repetition, so the fixture
// counts: it builds in the first SetUp and frees in the last TearDown. The first error stays: later trials do no work
// and raise it again, since good rows after a failed one upset the library.
class StepFixture : public benchmark::Fixture {
 public:
  // `trials` is the number of repetitions that the case is registered with.
  StepFixture(Session& session, Case c, const ModelConfig& config, std::int64_t trials);
  ~StepFixture() override;

  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;
  void SetUp(benchmark::State& state) override;
  void BenchmarkCase(benchmark::State& state) override;
  void TearDown(benchmark::State& state) override;

  // Frees the model and what hangs on it. Does nothing if this fixture holds none.
  void Free() noexcept;

 private:
  void Build();
  Trial TimeOne();
  void RunStep(PhaseMarks& marks);
  void Report(const Trial& trial, benchmark::State& state);
  void Attempt(const std::function<void()>& work);

  Session& session_;
  const Case case_;
  const ModelConfig config_;
  const std::int64_t trials_;
  std::int64_t trial_ = 0;  // the one that runs, or runs next
  std::unique_ptr<Step> step_;
  std::optional<std::string> error_;
  Microseconds setup_{};
  Microseconds warmup_{};
  // Of the last trial.
  std::int64_t steps_before_ = 0;
  double loss_ = 0;
};

// Registers the case under its name with `trials` repetitions of one iteration.
void RegisterCase(Session& session, const Case& c, const ModelConfig& config, std::int64_t trials);

}  // namespace tbench
