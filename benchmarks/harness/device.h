#pragma once

#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "benchmarks/harness/probe.h"
#include "benchmarks/harness/profile.h"
#include "benchmarks/harness/step.h"
#include "benchmarks/harness/timer.h"
#include "benchmarks/names/case.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/gpu_state.h"
#include "benchmarks/names/kernel_benchmark.h"
#include "model/spec/config.h"

namespace tbench {

// A case that this device or build cannot run; its row says `not_supported:`.
struct NotSupported : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A step that computed nonsense; its row says `numerics:`.
struct NumericsError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Why this build cannot run such a case on this kind of device: "launch:graph needs a GPU"; empty if it can. The one
// place that refuses an axis's value or a model's key, for every device; what depends on the shape, kernels refuse.
std::string WhyNotSupported(const Case& c, const ModelConfig& config, bool on_gpu);

struct PeakMemory {
  std::int64_t allocated_bytes;
  std::int64_t reserved_bytes;
};

// The machine and software that cases run on. Tests have one of their own, so that all but the step is tested anywhere.
class Device {
 public:
  virtual ~Device() = default;
  virtual bool is_gpu() const = 0;
  // Whether it has the kernels that compute something else inside a product.
  virtual bool has_fused_products() const = 0;
  // Those that compute the case that was built last; absent where the host's do not compute.
  virtual std::optional<int> cpu_threads() const = 0;
  // The JSON's context: key -> value, in the words of its contract.
  virtual std::map<std::string, std::string> Context() const = 0;

  // Builds the model and the batch; NotSupported where WhyNotSupported says why. Any exception fails the case; see
  // Describe.
  std::unique_ptr<Step> MakeStep(const Case& c, const ModelConfig& config);
  // Builds the ceiling's work and brings the device to the state that it keeps under it.
  virtual std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) = 0;
  // Makes the kernel's inputs and warms it up. NotSupported where there is no GPU.
  virtual std::unique_ptr<Probe> MakeKernel(const Kernel& kernel) = 0;
  virtual Timer& timer() = 0;
  virtual void Synchronize() = 0;

  // Clocks, power, temperature and neighbours, as of now. Nothing of it where the device does not tell.
  virtual GpuState ReadState() const = 0;
  // Runs the work under a profiler and returns what the GPU did; the trace for a viewer such as Perfetto goes to the
  // file. NotSupported where there is no GPU.
  virtual std::vector<GpuActivity> Profile(const std::function<void()>& work, const std::filesystem::path& trace) = 0;

  // Peaks since the last reset; absent where the device's allocator does not count.
  virtual void ResetPeakMemory() = 0;
  virtual std::optional<PeakMemory> peak_memory() const = 0;

  // "out_of_memory: …" and the like: a row's error_message.
  virtual std::string Describe(const std::exception_ptr& error) const = 0;
  // Whether this process can measure another case after such an error. A GPU whose kernel failed refuses all that is
  // asked of it from then on.
  virtual bool IsUsableAfter(const std::exception_ptr& error) const = 0;
  // Called when a case was freed, failed or not: drops pending errors and cached memory, so that the next case starts
  // clean and its peaks are its own.
  virtual void CleanUp() noexcept = 0;

 private:
  virtual std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) = 0;
};

// What a device without errors of its own says: the standard library's exceptions, NotSupported and NumericsError.
std::string DescribeStandardError(const std::exception_ptr& error);

}  // namespace tbench
