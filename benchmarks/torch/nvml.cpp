#include "benchmarks/torch/nvml.h"

#include <dlfcn.h>

#include <algorithm>
#include <array>

namespace tbench {
namespace {

// The part of nvml.h that is needed; its binary interface is stable.
using Handle = void*;
constexpr int kSuccess = 0;
constexpr int kInsufficientSize = 7;
constexpr unsigned kSmClock = 1;
constexpr unsigned kGpuTemperature = 0;

template <class Function>
Function Find(void* library, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (void* const symbol = dlsym(library, name)) return reinterpret_cast<Function>(symbol);
  }
  return nullptr;
}

}  // namespace

struct Nvml::Functions {
  int (*init)();
  int (*shutdown)();
  int (*driver_version)(char*, unsigned);
  int (*handle_by_pci_bus_id)(const char*, Handle*);
  int (*clock_info)(Handle, unsigned type, unsigned* mhz);
  int (*power_usage)(Handle, unsigned* milliwatts);
  int (*temperature)(Handle, unsigned sensor, unsigned* celsius);
  int (*clock_reasons)(Handle, unsigned long long* mask);
  int (*compute_processes)(Handle, unsigned* count, void* infos);
  int (*mig_mode)(Handle, unsigned* now, unsigned* at_next_reset);
};

Nvml::Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
  if (library_ == nullptr) return;
  const auto find = [&]<class Function>(Function& function, std::initializer_list<const char*> names) {
    function = Find<Function>(library_, names);
  };
  auto functions = std::make_unique<Functions>();
  find(functions->init, {"nvmlInit_v2"});
  find(functions->shutdown, {"nvmlShutdown"});
  find(functions->driver_version, {"nvmlSystemGetDriverVersion"});
  find(functions->handle_by_pci_bus_id, {"nvmlDeviceGetHandleByPciBusId_v2"});
  find(functions->clock_info, {"nvmlDeviceGetClockInfo"});
  find(functions->power_usage, {"nvmlDeviceGetPowerUsage"});
  find(functions->temperature, {"nvmlDeviceGetTemperature"});
  find(functions->clock_reasons,
       {"nvmlDeviceGetCurrentClocksEventReasons", "nvmlDeviceGetCurrentClocksThrottleReasons"});
  find(functions->compute_processes, {"nvmlDeviceGetComputeRunningProcesses_v3"});
  find(functions->mig_mode, {"nvmlDeviceGetMigMode"});
  if (functions->init == nullptr || functions->shutdown == nullptr || functions->init() != kSuccess) return;
  functions_ = std::move(functions);
}

Nvml::~Nvml() {
  if (functions_) functions_->shutdown();
  if (library_ != nullptr) dlclose(library_);
}

std::optional<std::string> Nvml::DriverVersion() const {
  if (!functions_ || functions_->driver_version == nullptr) return std::nullopt;
  std::array<char, 96> text{};
  if (functions_->driver_version(text.data(), unsigned(text.size())) != kSuccess) return std::nullopt;
  return text.data();
}

GpuState Nvml::Read(const std::string& pci_bus_id) const {
  GpuState state;
  Handle gpu = nullptr;
  if (!functions_ || functions_->handle_by_pci_bus_id == nullptr) return state;
  if (functions_->handle_by_pci_bus_id(pci_bus_id.c_str(), &gpu) != kSuccess) return state;

  unsigned value = 0;
  const Functions& f = *functions_;
  if (f.clock_info != nullptr && f.clock_info(gpu, kSmClock, &value) == kSuccess) state.sm_clock_mhz = value;
  if (f.power_usage != nullptr && f.power_usage(gpu, &value) == kSuccess) state.power_watts = value / 1e3;
  if (f.temperature != nullptr && f.temperature(gpu, kGpuTemperature, &value) == kSuccess) {
    state.temperature_celsius = value;
  }
  unsigned long long mask = 0;
  if (f.clock_reasons != nullptr && f.clock_reasons(gpu, &mask) == kSuccess) state.throttle_reasons = mask;
  // Where MIG cuts the GPU into slices, its processes are those of all of them.
  unsigned sliced = 0;
  if (f.mig_mode != nullptr && f.mig_mode(gpu, &sliced, &value) != kSuccess) sliced = 0;
  if (f.compute_processes != nullptr && sliced == 0) {
    unsigned count = 0;  // no room for any: it answers how many there are
    const int status = f.compute_processes(gpu, &count, nullptr);
    // One of them is this process, though a container may hide it.
    if (status == kSuccess || status == kInsufficientSize) {
      state.other_processes = std::max(double(count) - 1, 0.0);
    }
  }
  return state;
}

}  // namespace tbench
