#pragma once

#include <cstdint>
#include <string>

#include "benchmarks/harness/timer.h"

namespace tbench {

// The work of one case, ready to run: model, batch and, for train_step, optimizer state.
class Step {
 public:
  virtual ~Step() = default;
  // Executes the case's pass once; on a GPU it returns when all is enqueued. A step ends with its gradients set to
  // none.
  virtual void Run(PhaseMarks& marks) = 0;
  // Steps that were executed to make this one, such as those before a capture.
  virtual std::int64_t steps_to_build() const { return 0; }
  // The loss of the last Run. Waits for the device: outside the timed region only.
  virtual double Loss() = 0;
  // What the case's name leaves open, as "key:value"; empty if it leaves nothing open.
  virtual std::string Label() const = 0;
};

// A step whose Run can be captured into a CUDA graph after it has run a few times.
class CapturableStep : public Step {
 public:
  // Weights and optimizer state as they were before the first Run, in the same memory.
  virtual void Reset() = 0;
};

}  // namespace tbench
