#include "benchmarks/names/kernel_class.h"

#include <fmt/format.h>

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
    Mark{"AdamW", KernelClass::kOptimizer},
    Mark{"fmha", KernelClass::kAttention},
    Mark{"flash", KernelClass::kAttention},
    Mark{"sdpa", KernelClass::kAttention},
    Mark{"mem_eff", KernelClass::kAttention},
    Mark{"ShortAttention", KernelClass::kAttention},
    Mark{"dot_do_o", KernelClass::kAttention},  // of cuDNN's backward
    Mark{"gemm", KernelClass::kMatmul},
    Mark{"gemv", KernelClass::kMatmul},
    Mark{"nvjet", KernelClass::kMatmul},  // cuBLAS on Hopper and later
    Mark{"cutlass", KernelClass::kMatmul},
    Mark{"Fp32x3", KernelClass::kMatmul},
    Mark{"Gemm", KernelClass::kMatmul},  // with SwiGLU or RoPE in its epilogue
    Mark{"splitKreduce", KernelClass::kMatmul},
    Mark{"softmax", KernelClass::kSoftmax},
    Mark{"Softmax", KernelClass::kSoftmax},
    Mark{"SoftMax", KernelClass::kSoftmax},
    Mark{"rms_norm", KernelClass::kNorm},
    Mark{"RmsNorm", KernelClass::kNorm},
    Mark{"layer_norm", KernelClass::kNorm},
    Mark{"Memcpy", KernelClass::kCopy},
    Mark{"Memset", KernelClass::kCopy},
    Mark{"copy_kernel", KernelClass::kCopy},
    Mark{"CatArray", KernelClass::kCopy},
    Mark{"reduce", KernelClass::kReduction},
    Mark{"nll_loss", KernelClass::kReduction},
    Mark{"CrossEntropy", KernelClass::kReduction},
    Mark{"elementwise", KernelClass::kElementwise},
    Mark{"Rope", KernelClass::kElementwise},
    Mark{"SwiGlu", KernelClass::kElementwise},
    Mark{"Embedding", KernelClass::kElementwise},
    Mark{"FillFunctor", KernelClass::kElementwise},
    Mark{"FillKernel", KernelClass::kCopy},  // a memset of a graph
};

}  // namespace

std::array<KernelClass, kKernelClasses> KernelClasses() {
  std::array<KernelClass, kKernelClasses> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) classes[i] = KernelClass(i);
  return classes;
}

std::string NameOf(KernelClass kernel_class) { return std::string(kNames[std::size_t(kernel_class)]); }

std::string CounterOf(KernelClass kernel_class) { return fmt::format("profile_{}_us", NameOf(kernel_class)); }

KernelClass ClassOf(std::string_view kernel) {
  const auto fits = [kernel](const Mark& mark) { return kernel.find(mark.part) != std::string_view::npos; };
  const auto* const found = std::ranges::find_if(kMarks, fits);
  return found == kMarks.end() ? KernelClass::kOther : found->kernel_class;
}

}  // namespace tbench
