#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "benchmarks/harness/counting_fixture.h"
#include "benchmarks/harness/host_meter.h"
#include "benchmarks/harness/profile.h"
#include "benchmarks/names/case.h"
#include "benchmarks/names/gpu_state.h"
#include "model/spec/config.h"

namespace tbench {

// One case under Google Benchmark.
class StepFixture final : public CountingFixture {
 public:
  StepFixture(Session& session, Case c, const ModelConfig& config, std::int64_t trials);
  ~StepFixture() override;

 private:
  void Build() override;
  Microseconds Measure() override;
  void Report(benchmark::State& state) override;
  void Release() noexcept override;

  void TimeTrial();
  void ProfileStep();
  void RunStep(PhaseMarks& marks);

  const Case case_;
  const ModelConfig config_;
  std::unique_ptr<Step> step_;
  Microseconds setup_{};
  Microseconds warmup_{};
  GpuState before_;  // right before the first trial
  GpuState after_;   // right after the last one
  HostCounts host_before_;
  HostUsage host_;
  std::optional<StepProfile> profile_;
  // Of the last trial.
  Trial trial_;
  std::optional<PeakMemory> peak_;
  std::int64_t steps_before_ = 0;
  double loss_ = 0;
};

// Registers the case under its name with `trials` repetitions of one iteration.
void RegisterCase(Session& session, const Case& c, const ModelConfig& config, std::int64_t trials);

}  // namespace tbench
