#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

// Keys of the JSON's context.
namespace tbench {

// Those that Google Benchmark writes, in one of its versions.
inline constexpr std::array<std::string_view, 12> kLibraryContextKeys{
    "date",         "host_name", "executable", "num_cpus",        "mhz_per_cpu",        "cpu_scaling_enabled",
    "aslr_enabled", "caches",    "load_avg",   "library_version", "library_build_type", "json_schema_version"};

// Those that this project writes, beside env.NAME and model.NAME.
inline constexpr std::array<std::string_view, 18> kOwnContextKeys{
    "device",           "gpu_name",       "gpu_uuid",     "gpu_count",      "gpu_memory_bytes", "sm_count",
    "max_sm_clock_mhz", "driver_version", "cuda_version", "cudnn_version",  "torch_version",    "cpu_name",
    "threads",          "threads_from",   "seed",         "tbench_version", "git_commit",       "command"};

inline bool IsOneOf(std::span<const std::string_view> keys, std::string_view key) {
  return std::ranges::find(keys, key) != keys.end();
}

// True for keys that readers give a meaning to: a user's own must be another.
inline bool IsReservedContextKey(std::string_view key) {
  return IsOneOf(kLibraryContextKeys, key) || IsOneOf(kOwnContextKeys, key) || key.starts_with("env.") ||
         key.starts_with("model.");
}

// True for keys that differ between any two good runs on one machine.
inline bool VariesBetweenRuns(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys{"date",       "host_name", "load_avg",
                                                  "executable", "command",   "mhz_per_cpu"};
  return IsOneOf(kKeys, key);
}

}  // namespace tbench
