#pragma once

#include <cstdint>
#include <optional>

namespace tbench {

// What the driver reports of a GPU at one moment. What it does not report is absent.
struct GpuState {
  std::optional<double> sm_clock_mhz;
  std::optional<double> power_watts;
  std::optional<double> temperature_celsius;
  std::optional<std::uint64_t> throttle_reasons;  // NVML's bit mask of clock event reasons
  std::optional<double> other_processes;          // that compute on this GPU
};

}  // namespace tbench
