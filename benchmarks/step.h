#pragma once

#include <string>

#include "benchmarks/timer.h"

namespace tbench {

// The work of one case, ready to run: model, batch and, for train_step, optimizer state.
class Step {
 public:
  virtual ~Step() = default;
  // Executes the case's pass once; on a GPU it returns when all is enqueued. A step ends with its gradients set to
  // none.
  virtual void Run(PhaseMarks& marks) = 0;
  // The loss of the last Run. Waits for the device: outside the timed region only.
  virtual double Loss() = 0;
  // What the case's name leaves open, as "key:value"; empty if it leaves nothing open.
  virtual std::string Label() const = 0;
};

}  // namespace tbench
