#pragma once

// The counters of the JSON's rows: spelled here, for those who write them and those who read them.
namespace tbench::counters {

// A row's label says what its name leaves open: "attention_backend:cudnn".
inline constexpr const char* kAttentionBackendLabel = "attention_backend:";

// Of every trial. In microseconds, bytes, tokens per second.
inline constexpr const char* kEnqueue = "enqueue_us";
inline constexpr const char* kEndToEnd = "end_to_end_us";
inline constexpr const char* kForward = "forward_us";
inline constexpr const char* kBackward = "backward_us";
inline constexpr const char* kOptimizer = "optimizer_us";
inline constexpr const char* kTokensPerSecond = "tokens_per_second";
inline constexpr const char* kPeakAllocated = "peak_allocated_bytes";
inline constexpr const char* kPeakReserved = "peak_reserved_bytes";
inline constexpr const char* kStepsBefore = "steps_before";
inline constexpr const char* kLoss = "loss";

// Of a case's first trial: what came before it.
inline constexpr const char* kSetup = "setup_us";
inline constexpr const char* kWarmup = "warmup_us";

// What the driver reported of the GPU: right before the first trial, on its row, and right after the last one, on its.
struct GpuStateNames {
  const char *sm_clock, *power, *temperature, *throttle_reasons, *other_processes;
};
inline constexpr GpuStateNames kBefore{"sm_clock_before_mhz", "power_before_watts", "temperature_before_celsius",
                                       "throttle_reasons_before", "other_processes_before"};
inline constexpr GpuStateNames kAfter{"sm_clock_after_mhz", "power_after_watts", "temperature_after_celsius",
                                      "throttle_reasons_after", "other_processes_after"};

// Of the host, on the last trial's row: the threads that computed, and what the case met from before its first trial to
// after its last one (host_usage.h).
inline constexpr const char* kCpuThreads = "cpu_threads";
inline constexpr const char* kHostWall = "host_wall_us";
inline constexpr const char* kHostWaited = "host_waited_us";
inline constexpr const char* kHostStolen = "host_stolen_us";
inline constexpr const char* kHostPreemptions = "host_preemptions";

// Of the profiled step, on the last trial's row; the classes of kernels are spelled in kernel_class.h.
inline constexpr const char* kProfileKernels = "profile_kernels";
inline constexpr const char* kProfileBusy = "profile_busy_us";
inline constexpr const char* kProfileSpan = "profile_span_us";
inline constexpr const char* kProfileStep = "profile_step_us";

// Ceilings and kernels; FLOP/s only where there is a GEMM. A launch has kEnqueue too.
inline constexpr const char* kFlopsPerSecond = "flops_per_second";
inline constexpr const char* kBytesPerSecond = "bytes_per_second";
inline constexpr const char* kTrial = "trial_us";

}  // namespace tbench::counters
