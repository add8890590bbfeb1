#pragma once

#include <memory>
#include <optional>
#include <string>

#include "benchmarks/names/gpu_state.h"

namespace tbench {

// NVIDIA's management library, opened at run time: where there is no driver it is absent, and all answers are too.
class Nvml {
 public:
  Nvml();
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  // The driver's own version, such as 580.95.05.
  std::optional<std::string> DriverVersion() const;
  // Of the GPU at a PCI bus id such as 0000:3b:00.0: NVML does not know CUDA_VISIBLE_DEVICES. Takes some milliseconds.
  GpuState Read(const std::string& pci_bus_id) const;

 private:
  struct Functions;
  void* library_ = nullptr;
  std::unique_ptr<Functions> functions_;  // none: not available
};

}  // namespace tbench
