#include "benchmarks/harness/probe_fixture.h"

#include <utility>

#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

double Seconds(Microseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

ProbeFixture::ProbeFixture(Session& session, std::int64_t repetitions, Make make, SetCounters set_counters)
    : CountingFixture(session, repetitions), make_(std::move(make)), set_counters_(std::move(set_counters)) {}

ProbeFixture::~ProbeFixture() { Free(); }

void ProbeFixture::Build() { probe_ = make_(session().device); }

Microseconds ProbeFixture::Measure() {
  reading_ = probe_->Measure();
  return reading_.time;
}

void ProbeFixture::Report(benchmark::State& state) { set_counters_(state, reading_); }

void ProbeFixture::Release() noexcept { probe_.reset(); }

void RegisterCeiling(Session& session, const Ceiling& ceiling) {
  const auto make = [ceiling](Device& device) { return device.MakeCeiling(ceiling); };
  const auto set_counters = [ceiling](benchmark::State& state, const ProbeReading& reading) {
    const double rate = WorkOf(ceiling) / Seconds(reading.time);
    if (ceiling.kind == Ceiling::Kind::kGemm) SetCounter(state, counters::kFlopsPerSecond, rate);
    if (ceiling.kind == Ceiling::Kind::kCopy) SetCounter(state, counters::kBytesPerSecond, rate);
    if (reading.enqueue) SetCounter(state, counters::kEnqueue, reading.enqueue->count());
    if (reading.trial) SetCounter(state, counters::kTrial, reading.trial->count());
  };
  RegisterFixture(CeilingName(ceiling), kCeilingRepetitions,
                  std::make_shared<ProbeFixture>(session, kCeilingRepetitions, make, set_counters));
}

void RegisterKernel(Session& session, const Kernel& kernel) {
  const auto make = [kernel](Device& device) { return device.MakeKernel(kernel); };
  const auto set_counters = [kernel](benchmark::State& state, const ProbeReading& reading) {
    const double seconds = Seconds(reading.time), flops = FlopsOf(kernel);
    SetCounter(state, counters::kBytesPerSecond, BytesOf(kernel) / seconds);
    if (flops > 0) SetCounter(state, counters::kFlopsPerSecond, flops / seconds);
  };
  RegisterFixture(KernelName(kernel), kKernelRepetitions,
                  std::make_shared<ProbeFixture>(session, kKernelRepetitions, make, set_counters));
}

}  // namespace tbench
