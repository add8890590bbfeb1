#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "benchmarks/names/case.h"
#include "model/spec/config.h"

// What cases will cost, before and while they run. Only ratios are meant to be right.
namespace tbench {

// The predicted seconds of a case's process: its steps' FLOPs at a nominal speed of the device, and a constant.
double PredictSeconds(const Case& c, const ModelConfig& config, std::int64_t trials, bool on_gpu);

// Predicted and measured seconds of the cases that this sweep has run.
struct Pace {
  double predicted = 0;
  double measured = 0;
};

// What has not ended yet.
struct Outstanding {
  double running = 0;          // predicted seconds of the case that runs now
  double running_elapsed = 0;  // measured seconds since it began
  double waiting = 0;          // predicted seconds of the cases after it
};

// The seconds until the sweep's end, at the pace so far; nothing before the first case has ended.
std::optional<double> SecondsLeft(const Pace& pace, const Outstanding& outstanding);

}  // namespace tbench
