#include "benchmarks/torch/ceiling_probe.h"

#include <ATen/Context.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <functional>
#include <vector>

#include "benchmarks/harness/burst.h"
#include "benchmarks/harness/device.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/empty_kernel.h"
#include "benchmarks/torch/types.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

class LaunchProbe final : public Probe {
 public:
  LaunchProbe(cudaStream_t stream, Timer& timer) : stream_(stream), timer_(timer) { TimeLaunches(kBurst); }

  ProbeReading Measure() override {
    std::vector<Microseconds> gpu, host, alone;
    for (int i = 0; i < kBursts; ++i) {
      const Trial burst = TimeLaunches(kBurst);
      gpu.push_back(burst.iteration / double(kBurst));
      host.push_back(*burst.enqueue / double(kBurst));
    }
    for (int i = 0; i < kTrials; ++i) alone.push_back(TimeLaunches(1).iteration);
    return {.time = Middle(gpu), .enqueue = Middle(host), .trial = Middle(alone)};
  }

 private:
  static constexpr int kBurst = 500;  // fewer than a stream's queue takes, else the host waits for the GPU
  static constexpr int kBursts = 21;
  static constexpr int kTrials = 101;

  Trial TimeLaunches(int count) {
    return timer_.Time([&](PhaseMarks&) {
      for (int i = 0; i < count; ++i) CheckCuda(LaunchEmptyKernel(stream_), "launch an empty kernel");
    });
  }

  static Microseconds Middle(std::vector<Microseconds>& times) {
    const auto middle = times.begin() + std::ptrdiff_t(times.size() / 2);
    std::ranges::nth_element(times, middle);
    return *middle;
  }

  cudaStream_t stream_;
  Timer& timer_;
};

std::function<void()> Gemm(const Ceiling& ceiling, const at::Device& device) {
  const std::string why = WhyNotSupported(ceiling.precision, /*fused=*/false, device.is_cuda());
  if (!why.empty()) throw NotSupported(why);
  at::globalContext().setFloat32MatmulPrecision(MatmulPrecisionOf(ceiling.precision));
  const auto options = at::TensorOptions(device).dtype(ScalarTypeOf(ceiling.precision));
  const at::Tensor a = at::randn({ceiling.size, ceiling.size}, options), b = at::randn_like(a);
  return [a, b, out = at::empty_like(a)]() mutable { at::mm_out(out, a, b); };
}

std::function<void()> Copy(const Ceiling& ceiling, const at::Device& device) {
  const at::Tensor from = at::ones({ceiling.size}, at::TensorOptions(device).dtype(at::kByte));
  return [from, to = at::empty_like(from)] { to.copy_(from); };
}

}  // namespace

std::unique_ptr<Probe> MakeTorchCeiling(const Ceiling& ceiling, const at::Device& device, Timer& timer) {
  if (ceiling.kind == Ceiling::Kind::kLaunch) {
    if (device.is_cpu()) throw NotSupported("a launch needs a GPU");
    return std::make_unique<LaunchProbe>(c10::cuda::getCurrentCUDAStream(device.index()), timer);
  }
  auto operation = ceiling.kind == Ceiling::Kind::kGemm ? Gemm(ceiling, device) : Copy(ceiling, device);
  return std::make_unique<BurstProbe>(std::move(operation), timer, device.is_cpu() ? kCpuBurst : kGpuBurst);
}

}  // namespace tbench
