#include <cstdint>

#include "model/kernels/fill_node.h"

namespace tbench::kernels {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kBytes = 16;  // of a thread

// `pattern` is four bytes, over and over.
__global__ void FillKernel(unsigned char* to, unsigned pattern, std::int64_t bytes) {
  const std::int64_t first = (std::int64_t(blockIdx.x) * kThreads + threadIdx.x) * kBytes;
  if (first + kBytes <= bytes) {
    *reinterpret_cast<uint4*>(to + first) = make_uint4(pattern, pattern, pattern, pattern);
    return;
  }
  for (std::int64_t i = first; i < bytes; ++i) to[i] = static_cast<unsigned char>(pattern >> (8 * (i % 4)));
}

// The memset's value as often as four bytes hold it.
unsigned PatternOf(const cudaMemsetParams& memset) {
  if (memset.elementSize == 1) return (memset.value & 0xFFU) * 0x01010101U;
  if (memset.elementSize == 2) return (memset.value & 0xFFFFU) * 0x00010001U;
  return memset.value;
}

}  // namespace

bool CanBeFillNode(const cudaMemsetParams& memset) {
  return memset.height == 1 && memset.width > 0 && reinterpret_cast<std::uintptr_t>(memset.dst) % kBytes == 0;
}

cudaError_t AddFillNode(cudaGraph_t graph, const cudaMemsetParams& memset, cudaGraphNode_t* node) {
  auto* to = static_cast<unsigned char*>(memset.dst);
  unsigned pattern = PatternOf(memset);
  auto bytes = std::int64_t(memset.width * memset.elementSize);
  void* arguments[] = {&to, &pattern, &bytes};
  cudaKernelNodeParams parameters{};
  parameters.func = reinterpret_cast<void*>(FillKernel);
  parameters.gridDim = dim3(unsigned((bytes + kBytes * kThreads - 1) / (kBytes * kThreads)));
  parameters.blockDim = dim3(kThreads);
  parameters.kernelParams = arguments;
  return cudaGraphAddKernelNode(node, graph, nullptr, 0, &parameters);
}

}  // namespace tbench::kernels
