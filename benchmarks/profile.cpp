#include "benchmarks/profile.h"

#include <algorithm>

namespace tbench {
namespace {

constexpr std::array<std::string_view, kKernelClasses> kNames{
    "matmul", "attention", "softmax", "norm", "elementwise", "reduction", "optimizer", "copy", "other"};

struct Mark {
  std::string_view part;  // of a kernel's name
  KernelClass kernel_class;
};

// The first that fits counts: fused attention is built of cutlass's products, copies are elementwise kernels.
constexpr std::array kMarks{
    Mark{"multi_tensor_apply", KernelClass::kOptimizer},
    Mark{"FusedAdam", KernelClass::kOptimizer},
    Mark{"fmha", KernelClass::kAttention},
    Mark{"flash", KernelClass::kAttention},
    Mark{"sdpa", KernelClass::kAttention},
    Mark{"mem_eff", KernelClass::kAttention},
    Mark{"gemm", KernelClass::kMatmul},
    Mark{"gemv", KernelClass::kMatmul},
    Mark{"nvjet", KernelClass::kMatmul},  // cuBLAS on Hopper and later
    Mark{"cutlass", KernelClass::kMatmul},
    Mark{"splitKreduce", KernelClass::kMatmul},
    Mark{"softmax", KernelClass::kSoftmax},
    Mark{"SoftMax", KernelClass::kSoftmax},
    Mark{"rms_norm", KernelClass::kNorm},
    Mark{"layer_norm", KernelClass::kNorm},
    Mark{"Memcpy", KernelClass::kCopy},
    Mark{"Memset", KernelClass::kCopy},
    Mark{"copy_kernel", KernelClass::kCopy},
    Mark{"CatArray", KernelClass::kCopy},
    Mark{"reduce", KernelClass::kReduction},
    Mark{"nll_loss", KernelClass::kReduction},
    Mark{"elementwise", KernelClass::kElementwise},
    Mark{"FillFunctor", KernelClass::kElementwise},
};

}  // namespace

std::string_view NameOf(KernelClass kernel_class) { return kNames[std::size_t(kernel_class)]; }

KernelClass ClassOf(std::string_view kernel) {
  const auto fits = [kernel](const Mark& mark) { return kernel.find(mark.part) != std::string_view::npos; };
  const auto* const found = std::ranges::find_if(kMarks, fits);
  return found == kMarks.end() ? KernelClass::kOther : found->kernel_class;
}

StepProfile Summarize(std::vector<GpuActivity> activities) {
  StepProfile profile;
  if (activities.empty()) return profile;
  std::ranges::sort(activities, {}, &GpuActivity::start);
  Microseconds covered_to = activities.front().start;
  for (const GpuActivity& activity : activities) {
    ++profile.kernels;
    profile.by_class[std::size_t(ClassOf(activity.name))] += activity.end - activity.start;
    if (activity.end <= covered_to) continue;
    profile.busy += activity.end - std::max(activity.start, covered_to);
    covered_to = activity.end;
  }
  profile.span = covered_to - activities.front().start;
  return profile;
}

}  // namespace tbench
