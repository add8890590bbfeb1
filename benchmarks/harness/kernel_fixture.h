#pragma once

#include <memory>

#include "benchmarks/harness/counting_fixture.h"
#include "benchmarks/harness/probe.h"
#include "benchmarks/names/kernel_benchmark.h"

namespace tbench {

// One kernel under Google Benchmark.
class KernelFixture final : public CountingFixture {
 public:
  KernelFixture(Session& session, const Kernel& kernel);
  ~KernelFixture() override;

 private:
  void Build() override;
  Microseconds Measure() override;
  void Report(benchmark::State& state) override;
  void Release() noexcept override;

  const Kernel kernel_;
  std::unique_ptr<KernelProbe> probe_;
  Microseconds time_{};  // of the last Measure
};

// Registers the kernel under its name.
void RegisterKernel(Session& session, const Kernel& kernel);

}  // namespace tbench
