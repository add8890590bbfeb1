#include "tests/benchmarks/torch/spin_kernels.h"

namespace tbench {
namespace {

constexpr std::uint64_t kLongestBlock = 10'000'000'000;

__device__ std::uint64_t Nanoseconds() {
  std::uint64_t time;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(time));
  return time;
}

__global__ void Spin(std::uint64_t nanoseconds, std::uint64_t* elapsed) {
  const std::uint64_t start = Nanoseconds();
  std::uint64_t now = start;
  while (now - start < nanoseconds) now = Nanoseconds();
  if (elapsed != nullptr) *elapsed = now - start;
}

__global__ void Block(const volatile int* release) {
  const std::uint64_t start = Nanoseconds();
  while (*release == 0 && Nanoseconds() - start < kLongestBlock) {
  }
}

}  // namespace

cudaError_t LaunchSpin(cudaStream_t stream, std::uint64_t nanoseconds, std::uint64_t* elapsed) {
  Spin<<<1, 1, 0, stream>>>(nanoseconds, elapsed);
  return cudaGetLastError();
}

cudaError_t LaunchBlock(cudaStream_t stream, const volatile int* release) {
  Block<<<1, 1, 0, stream>>>(release);
  return cudaGetLastError();
}

}  // namespace tbench
