#include "benchmarks/torch/kineto.h"

#include <ATen/cuda/CUDAContext.h>
#include <cuda_runtime_api.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <set>
#include <stdexcept>

#include "benchmarks/torch/empty_kernel.h"
#include "model/kernels/cuda_check.h"
#include "model/support/atomic_file.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using torch::profiler::impl::ActivityType;
using torch::profiler::impl::ProfilerConfig;
using torch::profiler::impl::ProfilerState;

Microseconds FromNanoseconds(std::uint64_t time, std::uint64_t origin) {
  return std::chrono::duration<double, std::nano>(double(std::int64_t(time - origin)));
}

// Stops the profiler whatever the work throws.
class Profiling {
 public:
  Profiling() {
    const ProfilerConfig config(ProfilerState::KINETO);
    const std::set activities{ActivityType::CPU, ActivityType::CUDA};
    torch::autograd::profiler::prepareProfiler(config, activities);
    // Backward runs on a thread of autograd's: the state must be seen there too.
    torch::autograd::profiler::enableProfiler(config, activities,
                                              {at::RecordScope::FUNCTION, at::RecordScope::BACKWARD_FUNCTION});
  }
  ~Profiling() {
    if (running_) torch::autograd::profiler::disableProfiler();
  }
  Profiling(const Profiling&) = delete;
  Profiling& operator=(const Profiling&) = delete;

  std::unique_ptr<torch::autograd::profiler::ProfilerResult> Stop() {
    running_ = false;
    return torch::autograd::profiler::disableProfiler();
  }

 private:
  bool running_ = true;
};

}  // namespace

std::vector<GpuActivity> ProfileWithKineto(const std::function<void()>& work, const fs::path& trace) {
  Profiling profiling;
  // The profiler's first launch takes hundreds of microseconds more: not the work's.
  CheckCuda(LaunchEmptyKernel(at::cuda::getCurrentCUDAStream()), "launch an empty kernel");
  CheckCuda(cudaDeviceSynchronize(), "wait for it");
  work();
  CheckCuda(cudaDeviceSynchronize(), "wait for the profiled step");
  const auto result = profiling.Stop();

  std::vector<GpuActivity> activities;
  for (const auto& event : result->events()) {
    if (event.deviceType() != c10::DeviceType::CUDA || event.durationNs() == 0) continue;
    if (event.name().find(kEmptyKernelName) != std::string::npos) continue;  // ours and the timer's
    activities.push_back({.name = event.name(),
                          .start = FromNanoseconds(event.startNs(), result->trace_start_ns()),
                          .end = FromNanoseconds(event.endNs(), result->trace_start_ns())});
  }
  if (activities.empty()) throw std::runtime_error("the profiler saw nothing of the GPU: is CUPTI allowed here?");

  fs::create_directories(trace.parent_path());
  const std::string partial = trace.string() + std::string(kPartialSuffix);
  result->save(partial);
  fs::rename(partial, trace);
  return activities;
}

}  // namespace tbench
