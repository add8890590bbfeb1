#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace tbench {

// How a profiled step's kernels are sorted.
enum class KernelClass { kMatmul, kAttention, kSoftmax, kNorm, kElementwise, kReduction, kOptimizer, kCopy, kOther };
inline constexpr std::size_t kKernelClasses = 9;

// All of them, in the order of reports.
std::array<KernelClass, kKernelClasses> KernelClasses();

// "matmul", "attention", …
std::string NameOf(KernelClass kernel_class);

// The counter of a profiled row with the class's time: "profile_matmul_us".
std::string CounterOf(KernelClass kernel_class);

// By what its name contains; kOther for a kernel that nobody has named yet.
KernelClass ClassOf(std::string_view kernel);

}  // namespace tbench
