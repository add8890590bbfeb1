#pragma once

#include <optional>
#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

// Bytes.
struct MemoryVerdict {
  std::optional<double> allocated, reserved;  // the highest of the trials' peaks
  std::optional<double> predicted;            // model/spec/footprint.h
  std::optional<double> gpu_memory;
  bool out_of_memory;
  std::string sentence;
};

// Measured peaks beside the predicted footprint; for a case that ran out of memory, what it would have needed beside
// what the GPU has. Nothing where memory was not measured, and for cases that failed otherwise.
std::optional<MemoryVerdict> Memory(const Record& record, const Machine& machine);

}  // namespace tbench
