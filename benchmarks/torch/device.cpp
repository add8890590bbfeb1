#include "benchmarks/torch/device.h"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <fmt/format.h>
#include <sched.h>

#include <array>
#include <cstdlib>
#include <filesystem>

#include "benchmarks/torch/ceiling_probe.h"
#include "benchmarks/torch/composed_step.h"
#include "benchmarks/torch/context.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/error.h"
#include "benchmarks/torch/fused_step.h"
#include "benchmarks/torch/graph_step.h"
#include "benchmarks/torch/kernel_probe.h"
#include "benchmarks/torch/kineto.h"
#include "benchmarks/torch/nvml.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/hopper/hopper_support.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

std::unique_ptr<CapturableStep> MakeEagerStep(const Case& c, const ModelConfig& config, const torch::Device& device,
                                              std::uint64_t seed) {
  if (c.kernels == Kernels::kFused) return std::make_unique<FusedStep>(c, config, device, seed);
  return std::make_unique<TorchStep>(c, config, device, seed);
}

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
    return MakeEagerStep(c, config, torch::kCPU, seed_);
  }

  std::uint64_t seed_;
  HostTimer timer_;
};

std::string PciBusId(int index) {
  std::array<char, 32> text{};
  CheckCuda(cudaDeviceGetPCIBusId(text.data(), int(text.size()), index), "read the GPU's PCI bus id");
  return text.data();
}

class CudaDevice final : public Device {
 public:
  CudaDevice(int index, std::uint64_t seed)
      : device_(torch::kCUDA, c10::DeviceIndex(index)),
        guard_(device_),
        seed_(seed),
        timer_(at::cuda::getCurrentCUDAStream(device_.index())),
        pci_bus_id_(PciBusId(device_.index())) {
    at::globalContext().lazyInitDevice(at::kCUDA);  // else the allocator knows no device before its first allocation
  }

  bool is_gpu() const override { return true; }
  bool has_fused_products() const override { return kernels::HasHopperGemms(); }
  std::map<std::string, std::string> Context() const override { return MachineContext(device_); }
  std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) override {
    return MakeTorchCeiling(ceiling, device_, timer_);
  }
  std::unique_ptr<Probe> MakeKernel(const Kernel& kernel) override { return MakeTorchKernel(kernel, device_, timer_); }
  Timer& timer() override { return timer_; }
  GpuState ReadState() const override { return nvml_.Read(pci_bus_id_); }
  std::vector<GpuActivity> Profile(const std::function<void()>& work, const std::filesystem::path& trace) override {
    return ProfileWithKineto(work, trace);
  }
  void Synchronize() override { CheckCuda(cudaDeviceSynchronize(), "wait for the GPU"); }

  void ResetPeakMemory() override { c10::cuda::CUDACachingAllocator::resetPeakStats(device_.index()); }
  std::optional<PeakMemory> peak_memory() const override {
    const auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(device_.index());
    constexpr auto kAll = std::size_t(c10::CachingAllocator::StatType::AGGREGATE);
    return PeakMemory{stats.allocated_bytes[kAll].peak, stats.reserved_bytes[kAll].peak};
  }

  std::string Describe(const std::exception_ptr& error) const override { return DescribeTorchError(error); }
  void CleanUp() noexcept override {
    static_cast<void>(cudaGetLastError());  // clears it
    try {
      c10::cuda::CUDACachingAllocator::emptyCache();
    } catch (...) {  // the context is dead: the next case says so itself
    }
  }

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) override {
    std::unique_ptr<CapturableStep> step = MakeEagerStep(c, config, device_, seed_);
    if (c.launch == Launch::kEager) return step;
    return std::make_unique<GraphStep>(std::move(step), timer_, device_);
  }

  torch::Device device_;
  c10::cuda::CUDAGuard guard_;
  std::uint64_t seed_;
  CudaTimer timer_;
  Nvml nvml_;
  std::string pci_bus_id_;
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
  return std::make_unique<CudaDevice>(flags.device.index, std::uint64_t(flags.seed));
}

}  // namespace tbench
