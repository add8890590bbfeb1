#include "benchmarks/torch/device.h"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>
#include <sched.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "benchmarks/torch/ceiling_probe.h"
#include "benchmarks/torch/composed_step.h"
#include "benchmarks/torch/context.h"
#include "benchmarks/torch/cuda_device.h"
#include "benchmarks/torch/error.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

class CpuDevice final : public Device {
 public:
  explicit CpuDevice(std::uint64_t seed) : seed_(seed) {}

  bool is_gpu() const override { return false; }
  bool has_fused_products() const override { return false; }
  std::map<std::string, std::string> Context() const override { return MachineContext(torch::kCPU); }
  std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) override {
    return MakeTorchCeiling(ceiling, torch::kCPU, timer_);
  }
  std::unique_ptr<Probe> MakeKernel(const Kernel&) override { throw NotSupported("a fused kernel needs a GPU"); }
  Timer& timer() override { return timer_; }
  void Synchronize() override {}
  GpuState ReadState() const override { return {}; }
  std::vector<GpuActivity> Profile(const std::function<void()>&, const std::filesystem::path&) override {
    throw NotSupported("a profile needs a GPU");
  }
  void ResetPeakMemory() override {}
  std::optional<PeakMemory> peak_memory() const override { return std::nullopt; }
  std::string Describe(const std::exception_ptr& error) const override { return DescribeTorchError(error); }
  void CleanUp() noexcept override {}

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) override {
    return std::make_unique<TorchStep>(c, config, torch::kCPU, seed_);
  }

  std::uint64_t seed_;
  HostTimer timer_;
};

// The driver's device file is there whether or not CUDA can use the GPU.
bool NvidiaGpuPresent() { return std::filesystem::exists("/dev/nvidia0"); }

int UsableCores() {
  cpu_set_t cores;
  return sched_getaffinity(0, sizeof cores, &cores) == 0 ? CPU_COUNT(&cores) : 1;
}

// Variables that change what a case's name says behind its back.
struct HiddenChange {
  const char* variable;
  const char* effect;
};
constexpr std::array kHiddenChanges{
    HiddenChange{"NVIDIA_TF32_OVERRIDE", "what precision:fp32 and tf32 mean"},
    HiddenChange{"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "what precision:fp32 and tf32 mean"},
    HiddenChange{"CUDA_LAUNCH_BLOCKING", "every launch: the host would wait for each kernel"},
    HiddenChange{"PYTORCH_NO_CUDA_MEMORY_CACHING", "every allocation: none would be cached"},
};

void RefuseHiddenChanges() {
  for (const auto& [variable, effect] : kHiddenChanges) {
    if (std::getenv(variable) == nullptr) continue;
    throw InputError(fmt::format("{} in the environment would change {}: unset it", variable, effect));
  }
}

}  // namespace

std::unique_ptr<Device> OpenTorchDevice(const BenchFlags& flags) {
  RefuseHiddenChanges();
  at::set_num_threads(flags.threads == 0 ? UsableCores() : int(flags.threads));
  const int gpus = at::cuda::device_count();
  if (gpus == 0 && flags.device.kind == DeviceChoice::Kind::kAuto && NvidiaGpuPresent()) {
    throw InputError(fmt::format(
        "this machine has an NVIDIA GPU that CUDA {} cannot use: is the driver too old, or CUDA_VISIBLE_DEVICES empty? "
        "--device cpu measures the CPU",
        CudaVersion()));
  }
  const bool use_gpu =
      flags.device.kind == DeviceChoice::Kind::kCuda || (flags.device.kind == DeviceChoice::Kind::kAuto && gpus > 0);
  if (!use_gpu) return std::make_unique<CpuDevice>(std::uint64_t(flags.seed));
  if (flags.device.index >= gpus) {
    throw InputError(
        fmt::format("--device cuda:{}: CUDA sees {} GPU{} here", flags.device.index, gpus, gpus == 1 ? "" : "s"));
  }
  return OpenCudaDevice(flags.device.index, std::uint64_t(flags.seed));
}

}  // namespace tbench
