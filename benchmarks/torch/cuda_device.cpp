#include "benchmarks/torch/cuda_device.h"

#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>

#include <array>
#include <utility>

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
#include "model/fused/cuda_graph.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/hopper/hopper_support.h"

namespace tbench {
namespace {

std::string PciBusId(int index) {
  std::array<char, 32> text{};
  CheckCuda(cudaDeviceGetPCIBusId(text.data(), int(text.size()), index), "read the GPU's PCI bus id");
  return text.data();
}

class CudaDevice final : public Device {
 public:
  CudaDevice(int index, std::uint64_t seed, HostThreads threads)
      : device_(torch::kCUDA, c10::DeviceIndex(index)),
        guard_(device_),
        seed_(seed),
        threads_(std::move(threads)),
        timer_(at::cuda::getCurrentCUDAStream(device_.index())),
        pci_bus_id_(PciBusId(device_.index())) {
    at::globalContext().lazyInitDevice(at::kCUDA);  // else the allocator knows no device before its first allocation
  }

  bool is_gpu() const override { return true; }
  bool has_fused_products() const override { return kernels::HasHopperGemms(); }
  std::optional<int> cpu_threads() const override { return std::nullopt; }
  std::map<std::string, std::string> Context() const override { return MachineContext(device_, threads_); }
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
  bool IsUsableAfter(const std::exception_ptr& error) const override { return IsGpuUsableAfter(error); }
  void CleanUp() noexcept override {
    static_cast<void>(cudaGetLastError());  // clears it
    try {
      c10::cuda::CUDACachingAllocator::emptyCache();
    } catch (...) {  // the context is dead: IsUsableAfter says so
    }
  }

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) override {
    std::unique_ptr<CapturableStep> step;
    if (c.kernels == Kernels::kFused) {
      step = std::make_unique<FusedStep>(c, config, device_, seed_);
    } else {
      step = std::make_unique<TorchStep>(c, config, device_, seed_);
    }
    if (c.launch == Launch::kEager) return step;
    return std::make_unique<GraphStep>(std::move(step), timer_, device_);
  }

  torch::Device device_;
  c10::cuda::CUDAGuard guard_;
  std::uint64_t seed_;
  HostThreads threads_;
  CudaTimer timer_;
  Nvml nvml_;
  std::string pci_bus_id_;
};

}  // namespace

std::unique_ptr<Device> OpenCudaDevice(int index, std::uint64_t seed, const HostThreads& threads) {
  return std::make_unique<CudaDevice>(index, seed, threads);
}

}  // namespace tbench
