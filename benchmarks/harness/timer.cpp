#include "benchmarks/harness/timer.h"

namespace tbench {
namespace {

using Clock = std::chrono::steady_clock;

class HostMarks final : public PhaseMarks {
 public:
  HostMarks(Trial& trial, Clock::time_point start) : trial_(trial), last_(start) {}
  void End(Phase phase) override {
    const auto now = Clock::now();
    trial_.phase[std::size_t(phase)] = now - last_;
    last_ = now;
  }

 private:
  Trial& trial_;
  Clock::time_point last_;
};

}  // namespace

Trial HostTimer::Time(const TimedStep& step) {
  Trial trial;
  const auto start = Clock::now();
  HostMarks marks(trial, start);
  step(marks);
  trial.iteration = Clock::now() - start;
  trial.end_to_end = trial.iteration;
  return trial;
}

}  // namespace tbench
