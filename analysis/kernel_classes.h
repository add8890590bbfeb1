#pragma once

#include <array>
#include <string>

namespace tbench {

// How a profiled step's kernels are sorted: the name in reports, and the counter with the time of all of that class.
struct KernelClass {
  std::string name, counter;
};

inline const std::array<KernelClass, 9>& KernelClasses() {
  static const std::array<KernelClass, 9> classes{{
      {"matmul", "profile_matmul_us"},
      {"attention", "profile_attention_us"},
      {"softmax", "profile_softmax_us"},
      {"norm", "profile_norm_us"},
      {"elementwise", "profile_elementwise_us"},
      {"reduction", "profile_reduction_us"},
      {"optimizer", "profile_optimizer_us"},
      {"copy", "profile_copy_us"},
      {"other", "profile_other_us"},
  }};
  return classes;
}

}  // namespace tbench
