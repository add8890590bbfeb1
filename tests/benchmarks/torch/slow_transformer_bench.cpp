// transformer_bench with a slow-down planted in every step: after it, the GPU spins for TBENCH_SLOW_US microseconds. To
// see that the gate finds what it must.

#include <ATen/cuda/CUDAContext.h>

#include <cstdlib>
#include <stdexcept>

#include "benchmarks/harness/bench_main.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/device.h"
#include "model/kernels/cuda_check.h"
#include "model/support/program.h"
#include "tests/benchmarks/torch/spin_kernels.h"

namespace tbench {
namespace {

class SlowStep final : public Step {
 public:
  SlowStep(std::unique_ptr<Step> step, double microseconds) : step_(std::move(step)), microseconds_(microseconds) {}
  void Run(PhaseMarks& marks) override {
    step_->Run(marks);
    CheckCuda(LaunchSpin(at::cuda::getCurrentCUDAStream(), std::uint64_t(microseconds_ * 1e3), nullptr), "spin");
  }
  double Loss() override { return step_->Loss(); }
  std::string Label() const override { return step_->Label(); }

 private:
  std::unique_ptr<Step> step_;
  double microseconds_;
};

class SlowDevice final : public Device {
 public:
  SlowDevice(std::unique_ptr<Device> device, double microseconds)
      : device_(std::move(device)), microseconds_(microseconds) {}
  bool is_gpu() const override { return device_->is_gpu(); }
  bool has_fused_products() const override { return device_->has_fused_products(); }
  std::optional<int> cpu_threads() const override { return device_->cpu_threads(); }
  std::map<std::string, std::string> Context() const override { return device_->Context(); }
  std::unique_ptr<Probe> MakeCeiling(const Ceiling& ceiling) override { return device_->MakeCeiling(ceiling); }
  std::unique_ptr<Probe> MakeKernel(const Kernel& kernel) override { return device_->MakeKernel(kernel); }
  Timer& timer() override { return device_->timer(); }
  void Synchronize() override { device_->Synchronize(); }
  GpuState ReadState() const override { return device_->ReadState(); }
  std::vector<GpuActivity> Profile(const std::function<void()>& work, const std::filesystem::path& trace) override {
    return device_->Profile(work, trace);
  }
  void ResetPeakMemory() override { device_->ResetPeakMemory(); }
  std::optional<PeakMemory> peak_memory() const override { return device_->peak_memory(); }
  std::string Describe(const std::exception_ptr& error) const override { return device_->Describe(error); }
  bool IsUsableAfter(const std::exception_ptr& error) const override { return device_->IsUsableAfter(error); }
  void CleanUp() noexcept override { device_->CleanUp(); }

 private:
  std::unique_ptr<Step> BuildStep(const Case& c, const ModelConfig& config) override {
    return std::make_unique<SlowStep>(device_->MakeStep(c, config), microseconds_);
  }

  std::unique_ptr<Device> device_;
  double microseconds_;
};

std::unique_ptr<Device> OpenSlowDevice(const BenchFlags& flags) {
  const char* microseconds = std::getenv("TBENCH_SLOW_US");
  if (microseconds == nullptr) throw std::invalid_argument("TBENCH_SLOW_US must say how long to spin");
  return std::make_unique<SlowDevice>(OpenTorchDevice(flags), std::stod(microseconds));
}

}  // namespace
}  // namespace tbench

int main(int argc, char** argv) {
  return tbench::RunProgram("slow_transformer_bench",
                            [&] { return tbench::BenchMain(tbench::OpenSlowDevice, argc, argv); });
}
