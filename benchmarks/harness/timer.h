#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <optional>

namespace tbench {

using Microseconds = std::chrono::duration<double, std::micro>;

enum class Phase { kForward, kBackward, kOptimizer };
inline constexpr std::size_t kPhases = 3;

// One timed step. What was not measured is absent.
struct Trial {
  Microseconds iteration{};                                // the step itself, on the device's clock where it has one
  std::optional<Microseconds> enqueue;                     // the host's time until all work was handed to the device
  Microseconds end_to_end{};                               // the host's time until the device was done
  std::array<std::optional<Microseconds>, kPhases> phase;  // by Phase

  const std::optional<Microseconds>& of(Phase p) const { return phase[std::size_t(p)]; }
};

// A step tells here where each of its phases ends. A phase begins where the one before it ended.
class PhaseMarks {
 public:
  virtual ~PhaseMarks() = default;
  virtual void End(Phase phase) = 0;
  // The phase ends inside the CUDA graph that the step has just launched, at a mark that was captured there.
  virtual void EndInGraph(Phase) {}
};

// For steps that are not timed.
class NoMarks final : public PhaseMarks {
 public:
  void End(Phase) override {}
};

using TimedStep = std::function<void(PhaseMarks&)>;

class Timer {
 public:
  virtual ~Timer() = default;
  // Runs the step once, alone on the device. What the step throws passes through.
  virtual Trial Time(const TimedStep& step) = 0;
};

// For work that is done when the call returns: std::chrono::steady_clock around it.
class HostTimer final : public Timer {
 public:
  Trial Time(const TimedStep& step) override;
};

}  // namespace tbench
