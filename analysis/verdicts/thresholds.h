#pragma once

#include <cstddef>

// Where a figure begins to be worth a word. Shares are of 1.
namespace tbench {

// Throughput: FLOP/s that no GPU reaches, of those that no table holds, in FP32 without tensor cores and else …
inline constexpr double kAnyGpuFp32Flops = 1e15;
inline constexpr double kAnyGpuFlops = 10e15;
// … nor a CPU's thread: two FMAs of 16 floats, or 1,024 BF16 products and sums of AMX, at 7.8 and 4.9 GHz …
inline constexpr double kAnyThreadFp32Flops = 0.5e12;
inline constexpr double kAnyThreadFlops = 10e12;
// … of which there are so many where the run does not tell …
inline constexpr double kAnyThreads = 1024;
// … and what a GEMM of the same run may be beaten by, since it was measured at other clocks, minutes apart.
inline constexpr double kCeilingTolerance = 0.03;

// Consistency: what a timer of the host and one of the GPU differ by, a share and µs …
inline constexpr double kTimersDiffer = 0.001;
inline constexpr double kTimerSlackUs = 5;
// … the host's time to enqueue that is not a whole step's, in the median of its trials …
inline constexpr double kEnqueueOfTrial = 2;
// … trials of a GPU, and how long they must be, that are never equal: events tick every 32 ns …
inline constexpr std::size_t kEqualTrials = 10;
inline constexpr double kEqualTrialsUs = 100;
// … trials that no two measurements share …
inline constexpr std::size_t kCopiedTrials = 5;
// … losses of one seed, model and batch: kernels and precisions round differently, but not by as much …
inline constexpr double kLossDifference = 0.02;
// … and one that is far beyond a diverging step's.
inline constexpr double kLargestLoss = 1e6;

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
// A share of the highest one that trials run at only where something slows the GPU down, once they took so long that it
// had time to wake up. Consumer cards run at 0.8 of it; an H100 at its power limit at 0.69, and the driver says why.
inline constexpr double kLowClock = 0.6;
inline constexpr double kLowClockUs = 100'000;

// Host: cores that a case lacked, on average over its trials; threads of a quiet machine wait 0.01 and less …
inline constexpr double kContendedCores = 0.1;
// … or, where the kernel does not count that, how often its threads lost their cores in a second: in all, and each.
inline constexpr double kPreemptionsASecond = 100;
inline constexpr double kPreemptionsOfAThread = 10;

// Memory: measured peak against the predicted footprint.
inline constexpr double kMemoryTolerance = 0.1;

}  // namespace tbench
