#include "analysis/verdicts/gpu_table.h"

#include <algorithm>
#include <array>

namespace tbench {
namespace {

struct GpuRow {
  std::string_view driver_name;
  GpuPeaks peaks;
};

constexpr double kTera = 1e12, kGiga = 1e9;
constexpr double kProductsOfFp32x3 = 3;  // TF32 products of high and low halves; low × low is below FP32's accuracy

// The figures of one part, which may have several names: FP32, TF32 and BF16 TFLOP/s, memory GB/s.
constexpr GpuPeaks Peaks(std::string_view name, double fp32, double tf32, double bf16, double memory) {
  return {.name = name,
          .fp32_flops = fp32 * kTera,
          .tf32_flops = tf32 * kTera,
          .bf16_flops = bf16 * kTera,
          .memory_bytes = memory * kGiga,
          .reached = {}};
}

// Products of 4096³ to 8192³ and copies, of random data: what the card's power and schedule leave of the data sheet.
constexpr GpuPeaks WithReached(GpuPeaks gpu, double fp32, double tf32, double bf16, double memory) {
  gpu.reached = {.fp32_flops = fp32 * kTera,
                 .tf32_flops = tf32 * kTera,
                 .bf16_flops = bf16 * kTera,
                 .memory_bytes = memory * kGiga};
  return gpu;
}

// Tensor cores that know FP16 alone: LibTorch's TF32 and BF16 products do not use them.
constexpr GpuPeaks PeaksWithoutTf32(std::string_view name, double fp32, double memory) {
  return {.name = name,
          .fp32_flops = fp32 * kTera,
          .tf32_flops = {},
          .bf16_flops = {},
          .memory_bytes = memory * kGiga,
          .reached = {}};
}

// "NVIDIA V100 Tensor Core GPU Datasheet".
constexpr GpuPeaks kV100Sxm2 = PeaksWithoutTf32("V100 SXM2", 15.7, 900);
constexpr GpuPeaks kV100Pcie = PeaksWithoutTf32("V100 PCIe", 14, 900);

// The driver's whole name decides: a part of a GPU ("… MIG 1g.10gb") or its next edition is another one. Where a data
// sheet prints tensor figures with sparsity alone, half of them; with FP32 accumulation where that makes a difference.
constexpr std::array kGpus{
    // "NVIDIA Blackwell Architecture Technical Brief", HGX B200.
    GpuRow{"NVIDIA B200", Peaks("B200", 80, 1100, 2250, 8000)},
    // "NVIDIA H200 Tensor Core GPU Datasheet".
    GpuRow{"NVIDIA H200", Peaks("H200 SXM", 67, 494.5, 989.5, 4800)},
    GpuRow{"NVIDIA H200 NVL", Peaks("H200 NVL", 60, 417.5, 835.5, 4800)},
    // "NVIDIA H100 Tensor Core GPU Datasheet".
    GpuRow{"NVIDIA H100 80GB HBM3", WithReached(Peaks("H100 SXM", 67, 494.5, 989.5, 3350), 51.7, 397, 795, 3000)},
    GpuRow{"NVIDIA H100 PCIe", Peaks("H100 PCIe", 51.2, 378, 756.5, 2000)},
    GpuRow{"NVIDIA H100 NVL", Peaks("H100 NVL", 60, 417.5, 835.5, 3900)},
    // "NVIDIA A100 Tensor Core GPU Datasheet"; of 40 GB: its edition of 2020.
    GpuRow{"NVIDIA A100-SXM4-40GB", Peaks("A100 SXM 40 GB", 19.5, 156, 312, 1555)},
    GpuRow{"NVIDIA A100-SXM4-80GB", Peaks("A100 SXM 80 GB", 19.5, 156, 312, 2039)},
    GpuRow{"NVIDIA A100-PCIE-40GB", Peaks("A100 PCIe 40 GB", 19.5, 156, 312, 1555)},
    GpuRow{"NVIDIA A100 80GB PCIe", Peaks("A100 PCIe 80 GB", 19.5, 156, 312, 1935)},
    // "NVIDIA L40S Datasheet", "NVIDIA L40 Datasheet", "NVIDIA L4 Datasheet".
    GpuRow{"NVIDIA L40S", Peaks("L40S", 91.6, 183, 362.05, 864)},
    GpuRow{"NVIDIA L40", Peaks("L40", 90.5, 90.5, 181.05, 864)},
    GpuRow{"NVIDIA L4", Peaks("L4", 30.3, 60, 121, 300)},
    // "NVIDIA A10 Datasheet", "NVIDIA A30 Datasheet".
    GpuRow{"NVIDIA A10", Peaks("A10", 31.2, 62.5, 125, 600)},
    GpuRow{"NVIDIA A30", Peaks("A30", 10.3, 82, 165, 933)},
    GpuRow{"Tesla V100-SXM2-16GB", kV100Sxm2},
    GpuRow{"Tesla V100-SXM2-32GB", kV100Sxm2},
    GpuRow{"Tesla V100-PCIE-16GB", kV100Pcie},
    GpuRow{"Tesla V100-PCIE-32GB", kV100Pcie},
    // "NVIDIA T4 Datasheet".
    GpuRow{"Tesla T4", PeaksWithoutTf32("T4", 8.1, 320)},
    // "NVIDIA Ampere GA102 GPU Architecture", "NVIDIA Ada GPU Architecture", "NVIDIA RTX Blackwell GPU Architecture".
    GpuRow{"NVIDIA GeForce RTX 3090", Peaks("RTX 3090", 35.6, 35.6, 71, 936)},
    GpuRow{"NVIDIA GeForce RTX 4090", Peaks("RTX 4090", 82.6, 82.6, 165.2, 1008)},
    GpuRow{"NVIDIA GeForce RTX 5090", Peaks("RTX 5090", 104.8, 104.8, 209.5, 1792)},
    // "NVIDIA RTX 6000 Ada Generation Datasheet"; its tensor figure is that of FP8 with sparsity: a quarter, an eighth.
    GpuRow{"NVIDIA RTX 6000 Ada Generation", Peaks("RTX 6000 Ada", 91.1, 182.1, 364.25, 960)},
};

template <class Rates>
std::optional<double> FlopsOf(const Rates& rates, Precision precision) {
  switch (TraitsOf(precision).gemm) {
    case GemmMath::kFp32:
      return rates.fp32_flops;
    case GemmMath::kTf32:
      return rates.tf32_flops;
    case GemmMath::kBf16:
      return rates.bf16_flops;
    case GemmMath::kFp32x3:
      return rates.tf32_flops ? std::optional(*rates.tf32_flops / kProductsOfFp32x3) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<GpuPeaks> FindGpu(std::string_view driver_name) {
  const auto* const row = std::ranges::find(kGpus, driver_name, &GpuRow::driver_name);
  if (row == kGpus.end()) return std::nullopt;
  return row->peaks;
}

std::optional<double> PeakFlops(const GpuPeaks& gpu, Precision precision) { return FlopsOf(gpu, precision); }

std::optional<double> ReachedFlops(const GpuPeaks& gpu, Precision precision) {
  return gpu.reached ? FlopsOf(*gpu.reached, precision) : std::nullopt;
}

}  // namespace tbench
