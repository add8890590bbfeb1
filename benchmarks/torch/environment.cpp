#include "benchmarks/torch/environment.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "model/support/input_error.h"

namespace tbench {
namespace {

struct Variable {
  std::string_view name;    // with '*' at its end: all that begin so
  std::string_view effect;  // what it would change behind a case's name: refused; empty: recorded
};
// The first row that fits counts.
constexpr std::array kVariables{
    Variable{"NVIDIA_TF32_OVERRIDE", "what precision:fp32 and tf32 mean"},
    Variable{"TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "what precision:fp32 and tf32 mean"},
    Variable{"CUDA_LAUNCH_BLOCKING", "every launch: the host would wait for each kernel"},
    Variable{"PYTORCH_NO_CUDA_MEMORY_CACHING", "every allocation: none would be cached"},
    // The GPU's share, and how CUDA loads and runs kernels.
    Variable{"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", ""},
    Variable{"CUDA_MODULE_LOADING", ""},
    Variable{"CUDA_DEVICE_MAX_CONNECTIONS", ""},
    Variable{"CUDA_FORCE_PTX_JIT", ""},
    // The libraries' choice of kernels.
    Variable{"CUBLAS_*", ""},
    Variable{"CUBLASLT_*", ""},
    Variable{"CUDNN_*", ""},
    Variable{"TORCH_CUDNN_*", ""},
    Variable{"TORCH_BLAS_PREFER_CUBLASLT", ""},
    Variable{"DISABLE_ADDMM_CUDA_LT", ""},
    Variable{"PYTORCH_TUNABLEOP_*", ""},
    // LibTorch's allocator, by its new name and its old one.
    Variable{"PYTORCH_ALLOC_CONF", ""},
    Variable{"PYTORCH_CUDA_ALLOC_CONF", ""},
    // A CPU's kernels, and where its threads run.
    Variable{"ATEN_CPU_CAPABILITY", ""},
    Variable{"MKL_*", ""},
    Variable{"ONEDNN_*", ""},
    Variable{"DNNL_*", ""},
    Variable{"KMP_*", ""},
    Variable{"GOMP_*", ""},
    Variable{"OMP_DYNAMIC", ""},
    Variable{"OMP_PLACES", ""},
    Variable{"OMP_PROC_BIND", ""},
    Variable{"OMP_WAIT_POLICY", ""},
};

bool Fits(const Variable& variable, std::string_view name) {
  if (!variable.name.ends_with('*')) return name == variable.name;
  return name.starts_with(variable.name.substr(0, variable.name.size() - 1));
}

// Calls act(variable, name, value) for each of the environment's that the table has.
template <class Act>
void ForEach(const char* const* environment, Act act) {
  for (; *environment != nullptr; ++environment) {
    const std::string_view entry = *environment;
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = entry.substr(0, equals);
    for (const Variable& variable : kVariables) {
      if (!Fits(variable, name)) continue;
      act(variable, name, entry.substr(equals + 1));
      break;
    }
  }
}

}  // namespace

void RefuseHiddenChanges(const char* const* environment) {
  ForEach(environment, [](const Variable& variable, std::string_view name, std::string_view) {
    if (variable.effect.empty()) return;
    throw InputError(fmt::format("{} in the environment would change {}: unset it", name, variable.effect));
  });
}

std::map<std::string, std::string> EnvironmentOfSteps(const char* const* environment) {
  std::map<std::string, std::string> recorded;
  ForEach(environment, [&](const Variable& variable, std::string_view name, std::string_view value) {
    if (variable.effect.empty()) recorded["env." + std::string(name)] = value;
  });
  return recorded;
}

}  // namespace tbench
