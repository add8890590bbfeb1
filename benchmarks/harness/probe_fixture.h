#pragma once

#include <functional>
#include <memory>

#include "benchmarks/harness/counting_fixture.h"
#include "benchmarks/harness/probe.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/kernel_benchmark.h"

namespace tbench {

// A ceiling or a kernel under Google Benchmark.
class ProbeFixture final : public CountingFixture {
 public:
  using Make = std::function<std::unique_ptr<Probe>(Device& device)>;
  using SetCounters = std::function<void(benchmark::State& state, const ProbeReading& reading)>;

  ProbeFixture(Session& session, std::int64_t repetitions, Make make, SetCounters set_counters);
  ~ProbeFixture() override;

 private:
  void Build() override;
  Microseconds Measure() override;
  void Report(benchmark::State& state) override;
  void Release() noexcept override;

  const Make make_;
  const SetCounters set_counters_;
  std::unique_ptr<Probe> probe_;
  ProbeReading reading_;
};

// Registers the ceiling, the kernel, under its name.
void RegisterCeiling(Session& session, const Ceiling& ceiling);
void RegisterKernel(Session& session, const Kernel& kernel);

}  // namespace tbench
