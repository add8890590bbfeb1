#include "benchmarks/torch/device.h"

#include <ATen/Parallel.h>
#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "benchmarks/torch/ceiling_probe.h"
#include "benchmarks/torch/composed_step.h"
#include "benchmarks/torch/context.h"
#include "benchmarks/torch/cuda_device.h"
#include "benchmarks/torch/device_files.h"
#include "benchmarks/torch/environment.h"
#include "benchmarks/torch/error.h"
#include "benchmarks/torch/free_cores.h"
#include "benchmarks/torch/host_threads.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

class CpuDevice final : public Device {
 public:
  CpuDevice(std::uint64_t seed, HostThreads threads) : seed_(seed), threads_(std::move(threads)) {}

  bool is_gpu() const override { return false; }
  bool has_fused_products() const override { return false; }
  std::optional<int> cpu_threads() const override { return at::get_num_threads(); }
  std::map<std::string, std::string> Context() const override { return MachineContext(torch::kCPU, threads_); }
  std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) override {
    TakeFreeCores();
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
  bool IsUsableAfter(const std::exception_ptr&) const override { return true; }
  void CleanUp() noexcept override {}

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) override {
    TakeFreeCores();
    return std::make_unique<TorchStep>(c, config, torch::kCPU, seed_);
  }

  void TakeFreeCores() const {
    if (!threads_.named_by_user) at::set_num_threads(FreeCores(threads_.count));
  }

  std::uint64_t seed_;
  HostThreads threads_;
  HostTimer timer_;
};

}  // namespace

std::unique_ptr<Device> OpenTorchDevice(const BenchFlags& flags) {
  RefuseHiddenChanges(environ);
  const HostThreads threads = ChooseHostThreads(ReadThreadLimits(int(flags.threads)));
  at::set_num_threads(threads.count);
  const int gpus = at::cuda::device_count();
  const auto file = GpuDeviceFile("/dev");
  if (gpus == 0 && flags.device.kind == DeviceChoice::Kind::kAuto && file) {
    throw InputError(
        fmt::format("this machine has an NVIDIA GPU that CUDA {} cannot use ({} is there): is the driver too old or "
                    "missing, or CUDA_VISIBLE_DEVICES empty? --device cpu measures the CPU",
                    CudaVersion(), file->string()));
  }
  const bool use_gpu =
      flags.device.kind == DeviceChoice::Kind::kCuda || (flags.device.kind == DeviceChoice::Kind::kAuto && gpus > 0);
  if (!use_gpu) return std::make_unique<CpuDevice>(std::uint64_t(flags.seed), threads);
  if (flags.device.index >= gpus) {
    throw InputError(
        fmt::format("--device cuda:{}: CUDA sees {} GPU{} here", flags.device.index, gpus, gpus == 1 ? "" : "s"));
  }
  return OpenCudaDevice(flags.device.index, std::uint64_t(flags.seed), threads);
}

}  // namespace tbench
