#include "analysis/verdicts/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"
#include "model/spec/footprint.h"

namespace tbench {
namespace {

std::optional<double> HighestOf(const Record& record, const std::string& counter) {
  std::optional<double> highest;
  for (const TimedTrial& trial : record.trials) {
    const auto value = trial.counters.find(counter);
    if (value != trial.counters.end()) highest = std::max(highest.value_or(value->second), value->second);
  }
  return highest;
}

std::string OutOfMemory(const MemoryVerdict& verdict) {
  if (!verdict.predicted) return "ran out of memory";
  if (!verdict.gpu_memory) return fmt::format("needs about {}", Bytes(*verdict.predicted));
  return fmt::format("needs about {}, the GPU has {}", Bytes(*verdict.predicted), Bytes(*verdict.gpu_memory));
}

std::string Measured(const MemoryVerdict& verdict) {
  std::string allocated = fmt::format("{} at its peak", Bytes(*verdict.allocated));
  if (!verdict.predicted) return allocated;
  const double excess = *verdict.allocated / *verdict.predicted - 1;
  if (std::abs(excess) <= kMemoryTolerance) return allocated + ", as predicted";
  return fmt::format("{}, {} {} than predicted", allocated, Percent(std::abs(excess)), excess > 0 ? "more" : "less");
}

// Fused kernels keep other tensors than LibTorch's operators do.
std::optional<double> Predicted(const Record& record) {
  if (record.c.kernels == Kernels::kFused) return std::nullopt;
  return PredictedPeakBytes(SpecOf(record.c, record.config));
}

}  // namespace

std::optional<MemoryVerdict> Memory(const Record& record, const Machine& machine) {
  const bool out_of_memory = record.error && ErrorKind(*record.error) == "out_of_memory";
  MemoryVerdict verdict{.allocated = HighestOf(record, counters::kPeakAllocated),
                        .reserved = HighestOf(record, counters::kPeakReserved),
                        .predicted = Predicted(record),
                        .gpu_memory = machine.memory_bytes,
                        .out_of_memory = out_of_memory,
                        .sentence = {}};
  if (!out_of_memory && (record.error || !verdict.allocated)) return std::nullopt;
  verdict.sentence = out_of_memory ? OutOfMemory(verdict) : Measured(verdict);
  return verdict;
}

}  // namespace tbench
