#include "benchmarks/ceiling_fixture.h"

namespace tbench {

CeilingFixture::CeilingFixture(Session& session, const Ceiling& ceiling)
    : CountingFixture(session, kCeilingRepetitions), ceiling_(ceiling) {}

CeilingFixture::~CeilingFixture() { Free(); }

void CeilingFixture::Build() { probe_ = session().device.MakeCeiling(ceiling_); }

Microseconds CeilingFixture::Measure() {
  reading_ = probe_->Measure();
  return reading_.time;
}

void CeilingFixture::Report(benchmark::State& state) {
  const double rate = WorkOf(ceiling_) / std::chrono::duration<double>(reading_.time).count();
  if (ceiling_.kind == Ceiling::Kind::kGemm) SetCounter(state, "flops_per_second", rate);
  if (ceiling_.kind == Ceiling::Kind::kCopy) SetCounter(state, "bytes_per_second", rate);
  if (reading_.enqueue) SetCounter(state, "enqueue_us", reading_.enqueue->count());
  if (reading_.trial) SetCounter(state, "trial_us", reading_.trial->count());
}

void CeilingFixture::Release() noexcept { probe_.reset(); }

void RegisterCeiling(Session& session, const Ceiling& ceiling) {
  RegisterFixture(CeilingName(ceiling), kCeilingRepetitions, std::make_shared<CeilingFixture>(session, ceiling));
}

}  // namespace tbench
