#include "benchmarks/harness/ceiling_fixture.h"

#include "benchmarks/names/counters.h"

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
  if (ceiling_.kind == Ceiling::Kind::kGemm) SetCounter(state, counters::kFlopsPerSecond, rate);
  if (ceiling_.kind == Ceiling::Kind::kCopy) SetCounter(state, counters::kBytesPerSecond, rate);
  if (reading_.enqueue) SetCounter(state, counters::kEnqueue, reading_.enqueue->count());
  if (reading_.trial) SetCounter(state, counters::kTrial, reading_.trial->count());
}

void CeilingFixture::Release() noexcept { probe_.reset(); }

void RegisterCeiling(Session& session, const Ceiling& ceiling) {
  RegisterFixture(CeilingName(ceiling), kCeilingRepetitions, std::make_shared<CeilingFixture>(session, ceiling));
}

}  // namespace tbench
