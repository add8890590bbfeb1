#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "benchmarks/harness/device.h"

namespace tbench {

class CountingFixture;

// What all benchmarks of a process share.
struct Session {
  Device& device;
  std::filesystem::path traces;       // folder for the profiled steps' traces; empty: nothing is profiled
  std::int64_t steps_run = 0;         // by any case: a trial at 0 is cold
  std::int64_t failed_cases = 0;      // each counted once
  std::string why_not_run = {};       // why nothing more can be measured in this process; empty: it can
  CountingFixture* holder = nullptr;  // the fixture whose work is on the device; at most one
};

// A benchmark that is built once. Google Benchmark calls SetUp, the body and TearDown for every repetition, so the
// fixture counts: it builds in the first SetUp and frees in the last TearDown. The first error stays: later repetitions
// do no work and raise it again, since good rows after a failed one upset the library. After an error that left the
// device unusable, all later benchmarks of the process say so and run nothing.
class CountingFixture : public benchmark::Fixture {
 public:
  using benchmark::Fixture::SetUp;
  using benchmark::Fixture::TearDown;
  void SetUp(benchmark::State& state) final;
  void BenchmarkCase(benchmark::State& state) final;
  void TearDown(benchmark::State& state) final;

  // Releases what was built and cleans up the device. Does nothing if this fixture holds nothing.
  void Free() noexcept;

 protected:
  // `repetitions` is what the benchmark is registered with. A derived class calls Free in its destructor.
  CountingFixture(Session& session, std::int64_t repetitions);

  // Before the first repetition.
  virtual void Build() = 0;
  // One repetition; returns what it reports as its time.
  virtual Microseconds Measure() = 0;
  // Adds the counters of the last Measure. The one place of a derived class that spells their names.
  virtual void Report(benchmark::State& state) = 0;
  virtual void Release() noexcept = 0;

  Session& session() { return session_; }
  std::int64_t repetition() const { return repetition_; }  // the one that runs, from 0
  bool is_first() const { return repetition_ == 0; }
  bool is_last() const { return repetition_ + 1 == repetitions_; }

 private:
  void Attempt(const std::function<void()>& work);

  Session& session_;
  const std::int64_t repetitions_;
  std::int64_t repetition_ = 0;
  std::optional<std::string> error_;
};

// Sets the counter unless the value is absent or no finite number, which would make the file unreadable.
void SetCounter(benchmark::State& state, const char* name, std::optional<double> value);

// Registers the fixture under the name with that many repetitions of one iteration, timed by hand in microseconds.
void RegisterFixture(const std::string& name, std::int64_t repetitions,
                     const std::shared_ptr<CountingFixture>& fixture);

}  // namespace tbench
