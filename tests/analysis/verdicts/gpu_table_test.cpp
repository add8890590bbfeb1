#include "analysis/verdicts/gpu_table.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(GpuTable, KnowsGpusByTheDriversNames) {
  EXPECT_EQ(FindGpu("NVIDIA H100 80GB HBM3")->name, "H100 SXM");
  EXPECT_EQ(FindGpu("NVIDIA H100 PCIe")->name, "H100 PCIe");
  EXPECT_EQ(FindGpu("NVIDIA H200")->name, "H200 SXM");
  EXPECT_EQ(FindGpu("NVIDIA A100-SXM4-40GB")->memory_bytes, 1555e9);
  EXPECT_EQ(FindGpu("NVIDIA A100-SXM4-80GB")->memory_bytes, 2039e9);
  EXPECT_EQ(FindGpu("NVIDIA L4")->name, "L4");
  EXPECT_EQ(FindGpu("NVIDIA L40S")->name, "L40S");
}

TEST(GpuTable, HasNothingForOthers) {
  for (const char* name : {"", "NVIDIA", "NVIDIA H100", "H200", "NVIDIA H100 80GB HBM3 MIG 1g.10gb", "NVIDIA L400"}) {
    EXPECT_FALSE(FindGpu(name)) << name;
  }
}

TEST(GpuTable, HasDensePeaksOfEachPrecision) {
  const GpuPeaks h200 = *FindGpu("NVIDIA H200");
  EXPECT_EQ(PeakFlops(h200, Precision::kFp32), 67e12);
  EXPECT_EQ(PeakFlops(h200, Precision::kTf32), 494.5e12);
  EXPECT_EQ(PeakFlops(h200, Precision::kBf16), 989.5e12);
  EXPECT_EQ(PeakFlops(h200, Precision::kFp32x3), 494.5e12 / 3);
}

TEST(GpuTable, KnowsWhatWasReachedBelowThePeaks) {
  const GpuPeaks h100 = *FindGpu("NVIDIA H100 80GB HBM3");
  EXPECT_EQ(ReachedFlops(h100, Precision::kFp32), 51.7e12);
  EXPECT_EQ(ReachedFlops(h100, Precision::kBf16), 795e12);
  EXPECT_EQ(ReachedFlops(h100, Precision::kFp32x3), 397e12 / 3);
  EXPECT_EQ(h100.reached->memory_bytes, 3e12);
  EXPECT_FALSE(ReachedFlops(*FindGpu("NVIDIA H200"), Precision::kFp32)) << "nobody measured that one";
}

TEST(GpuTable, HasNoFigureForWhatAGpuLacks) {
  const GpuPeaks v100 = *FindGpu("Tesla V100-SXM2-16GB");
  EXPECT_EQ(PeakFlops(v100, Precision::kFp32), 15.7e12);
  EXPECT_FALSE(PeakFlops(v100, Precision::kTf32));
  EXPECT_FALSE(PeakFlops(v100, Precision::kBf16));
  EXPECT_FALSE(PeakFlops(v100, Precision::kFp32x3));
}

}  // namespace
}  // namespace tbench
