#include "benchmarks/harness/kernel_fixture.h"

#include "benchmarks/names/counters.h"

namespace tbench {

KernelFixture::KernelFixture(Session& session, const Kernel& kernel)
    : CountingFixture(session, kKernelRepetitions), kernel_(kernel) {}

KernelFixture::~KernelFixture() { Free(); }

void KernelFixture::Build() { probe_ = session().device.MakeKernel(kernel_); }

Microseconds KernelFixture::Measure() {
  time_ = probe_->Measure();
  return time_;
}

void KernelFixture::Report(benchmark::State& state) {
  const double seconds = std::chrono::duration<double>(time_).count(), flops = FlopsOf(kernel_);
  SetCounter(state, counters::kBytesPerSecond, BytesOf(kernel_) / seconds);
  if (flops > 0) SetCounter(state, counters::kFlopsPerSecond, flops / seconds);
}

void KernelFixture::Release() noexcept { probe_.reset(); }

void RegisterKernel(Session& session, const Kernel& kernel) {
  RegisterFixture(KernelName(kernel), kKernelRepetitions, std::make_shared<KernelFixture>(session, kernel));
}

}  // namespace tbench
