#pragma once

#include <memory>

#include "benchmarks/harness/counting_fixture.h"
#include "benchmarks/harness/probe.h"
#include "benchmarks/names/ceiling.h"

namespace tbench {

// One ceiling under Google Benchmark.
class CeilingFixture final : public CountingFixture {
 public:
  CeilingFixture(Session& session, const Ceiling& ceiling);
  ~CeilingFixture() override;

 private:
  void Build() override;
  Microseconds Measure() override;
  void Report(benchmark::State& state) override;
  void Release() noexcept override;

  const Ceiling ceiling_;
  std::unique_ptr<CeilingProbe> probe_;
  CeilingReading reading_;
};

// Registers the ceiling under its name.
void RegisterCeiling(Session& session, const Ceiling& ceiling);

}  // namespace tbench
