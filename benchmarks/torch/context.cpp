#include "benchmarks/torch/context.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <cuda_runtime_api.h>
#include <fmt/format.h>
#include <torch/version.h>
#include <unistd.h>

#include <array>
#include <cstring>

#include "benchmarks/torch/cpu_name.h"
#include "benchmarks/torch/environment.h"
#include "benchmarks/torch/gpu_uuid.h"
#include "benchmarks/torch/nvml.h"

namespace tbench {
namespace {

using Context = std::map<std::string, std::string>;

long CudnnVersion() {
#if TORCH_VERSION_MAJOR > 2 || TORCH_VERSION_MINOR >= 9
  return at::detail::getCUDAHooks().versionRuntimeCuDNN();
#else
  return at::detail::getCUDAHooks().versionCuDNN();
#endif
}

void AddGpu(const c10::Device& device, Context& context) {
  const cudaDeviceProp* const gpu = at::cuda::getDeviceProperties(device.index());
  context["gpu_name"] = gpu->name;
  std::array<unsigned char, sizeof gpu->uuid.bytes> uuid;
  std::memcpy(uuid.data(), gpu->uuid.bytes, uuid.size());
  context["gpu_uuid"] = GpuUuid(uuid, gpu->name);
  context["gpu_count"] = std::to_string(at::cuda::device_count());
  context["gpu_memory_bytes"] = std::to_string(gpu->totalGlobalMem);
  context["sm_count"] = std::to_string(gpu->multiProcessorCount);
  int kilohertz = 0;
  if (cudaDeviceGetAttribute(&kilohertz, cudaDevAttrClockRate, device.index()) == cudaSuccess) {
    context["max_sm_clock_mhz"] = std::to_string(kilohertz / 1000);
  }
  if (const auto version = Nvml().DriverVersion()) context["driver_version"] = *version;
  context["cudnn_version"] = std::to_string(CudnnVersion());
}

}  // namespace

std::string CudaVersion() {
  int version = 0;  // 1000 * major + 10 * minor
  if (cudaRuntimeGetVersion(&version) != cudaSuccess) return "unknown";
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

std::map<std::string, std::string> MachineContext(const c10::Device& device, const HostThreads& threads) {
  Context context{{"device", device.is_cuda() ? "cuda" : "cpu"},
                  {"torch_version", TORCH_VERSION},
                  {"cuda_version", CudaVersion()},
                  {"threads", std::to_string(threads.count)}};
  if (!threads.from.empty()) context["threads_from"] = threads.from;
  if (!device.is_cuda() && !threads.named_by_user) context["threads_of_a_case"] = "as many as cores are free";
  context.merge(EnvironmentOfSteps(environ));
  if (const auto name = CpuName()) context["cpu_name"] = *name;
  if (device.is_cuda()) AddGpu(device, context);
  return context;
}

}  // namespace tbench
