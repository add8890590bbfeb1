#include "benchmarks/torch/gpu_uuid.h"

#include <gtest/gtest.h>

#include <array>

namespace tbench {
namespace {

constexpr std::array<unsigned char, 16> kBytes{0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef,
                                               0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10};

TEST(GpuUuid, IsSpelledAsNvidiaSmiDoes) {
  EXPECT_EQ(GpuUuid(kBytes, "NVIDIA H100 80GB HBM3"), "GPU-01234567-89ab-cdef-fedc-ba9876543210");
  EXPECT_EQ(GpuUuid(kBytes, "NVIDIA H100 80GB HBM3 MIG 1g.10gb"), "MIG-01234567-89ab-cdef-fedc-ba9876543210");
}

}  // namespace
}  // namespace tbench
