// In place of all that needs the CUDA kernels, in a build for a machine that cannot run them: TBENCH_KERNELS=OFF.
#include <stdexcept>

#include "benchmarks/torch/attention_probe.h"
#include "benchmarks/torch/cuda_device.h"
#include "model/support/input_error.h"

namespace tbench {

std::unique_ptr<Device> OpenCudaDevice(int, std::uint64_t, const HostThreads&) {
  throw InputError(
      "this program was built without CUDA kernels, where there was no GPU; --device cpu measures the CPU, and "
      "`cmake --preset release -DTBENCH_KERNELS=ON && cmake --build --preset release` builds the kernels");
}

bool FitsShortAttention(const AttentionShape&, at::ScalarType) { return false; }

ProbedAttention ProbeAttention(Attention, const AttentionShape&, const at::Tensor&, Precision, bool) {
  throw std::logic_error("attention is timed on GPUs alone");
}

}  // namespace tbench
