#pragma once

#include <cstddef>

// Where a figure begins to be worth a word. Shares are of 1.
namespace tbench {

// Throughput: FLOP/s that no processor reaches in any of the precisions, for one that no table holds …
inline constexpr double kAnyPeakFlops = 10e15;
// … and what a GEMM of the same run may be beaten by, since it was measured at other clocks, minutes apart.
inline constexpr double kCeilingTolerance = 0.03;

// Ceilings: change between the run's start and its end.
inline constexpr double kCeilingDrift = 0.03;
// Timer: its bias as a share of the run's shortest median.
inline constexpr double kTimerBias = 0.01;

// Launch-bound, by the share of time that the GPU sat idle in a profiled step …
inline constexpr double kIdleOfGpuBound = 0.05;
inline constexpr double kIdleOfLaunchBound = 0.2;
// … or, without one, by the host's enqueue time as a share of the step's. A full launch queue makes the host wait for
// the GPU: steps of 3,000 kernels and more reach 0.88 on an H200 though the GPU limits them.
inline constexpr double kEnqueueOfGpuBound = 0.9;
inline constexpr double kEnqueueOfLaunchBound = 0.95;

// Warm-up: how much slower than steady a trial may be; the gate's default threshold, below which nothing alarms.
inline constexpr double kWarmTolerance = 0.05;

// Spread.
inline constexpr double kMedianCoverage = 0.95;    // of the median's confidence interval
inline constexpr double kOutlierScore = 3.5;       // modified z-score
inline constexpr double kOutlierShare = 0.05;      // and off the median by that much, or it is not worth naming
inline constexpr double kUnsteadyQuartiles = 0.1;  // between the quartiles, as a share of the median
inline constexpr std::size_t kUnsteadyTrials = 4;  // fewer have no quartiles to speak of
inline constexpr std::size_t kLevelLength = 3;     // trials on either side of a level shift
inline constexpr double kLevelShiftScatter = 0.2;  // what two levels leave of the deviations around one
inline constexpr double kLevelShiftStep = 0.05;    // between the two levels
// Agreement: between the medians of processes that ran the same step.
inline constexpr double kProcessSpread = 0.05;

// Peers: how much slower than operators one by one a compiled one may be.
inline constexpr double kPeerTolerance = 0.05;

// Clocks: a fall of the SM clock from before the first trial to after the last one.
inline constexpr double kClockDrop = 0.05;

// Host: cores that a case lacked, on average over its trials; threads of a quiet machine wait 0.01 and less …
inline constexpr double kContendedCores = 0.1;
// … or, where the kernel does not count that, how often its threads lost their cores in a second: in all, and each.
inline constexpr double kPreemptionsASecond = 100;
inline constexpr double kPreemptionsOfAThread = 10;

// Memory: measured peak against the predicted footprint.
inline constexpr double kMemoryTolerance = 0.1;

}  // namespace tbench
