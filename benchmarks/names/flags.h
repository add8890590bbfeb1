#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "benchmarks/names/grid.h"
#include "model/support/flag.h"

namespace tbench {

// Where to run: `--device`.
struct DeviceChoice {
  enum class Kind { kAuto, kCpu, kCuda };
  Kind kind = Kind::kAuto;
  int index = 0;  // of the GPU, as CUDA numbers them

  bool operator==(const DeviceChoice&) const = default;
};

// "auto", "cpu", "cuda", "cuda:1"; anything else is an InputError.
DeviceChoice ParseDevice(const std::string& text);

// The most that --threads takes.
inline constexpr std::int64_t kMaxThreads = 4096;

// Whether the ceilings are measured too: `--ceilings`.
enum class CeilingsChoice { kAuto, kOn, kOff };

// What transformer_bench and tbench_sweep both take: which cases, and how each is run.
struct BenchFlags {
  GridOptions grid;
  DeviceChoice device;
  CeilingsChoice ceilings = CeilingsChoice::kAuto;  // where a GPU is
  std::int64_t trials = 10;
  std::int64_t threads = 0;  // 0: OMP_NUM_THREADS, else one for each core that this process may use
  std::int64_t seed = 0;

  bool operator==(const BenchFlags&) const = default;
};

// Whether these flags ask for ceilings.
bool WantsCeilings(const BenchFlags& flags, bool gpu_present);

// The heading of these flags in --help.
inline constexpr const char* kGridGroup = "Grid";

// --grid, --model, a flag for every axis, --trials, --device, --ceilings, --threads and --seed, which set `target`.
std::vector<Flag> GridFlags(BenchFlags& target);

// The arguments that GridFlags reads back as `flags`.
std::vector<std::string> ToArguments(const BenchFlags& flags);

}  // namespace tbench
