#include "benchmarks/torch/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(Environment, RecordsWhatChangesAStep) {
  const char* const environment[] = {"PATH=/bin",
                                     "PYTORCH_ALLOC_CONF=backend:native,expandable_segments:True",
                                     "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE=50",
                                     "CUBLAS_WORKSPACE_CONFIG=:4096:8",
                                     "CUBLASLT_HEURISTICS_CACHE_CAPACITY=0",
                                     "TORCH_CUDNN_SDPA_DEPRIORITIZED=1",
                                     "PYTORCH_TUNABLEOP_ENABLED=",
                                     "CUDA_MODULE_LOADING=EAGER=x",
                                     "CUDA_VISIBLE_DEVICES=1",
                                     "NOT_CUBLAS_X=1",
                                     "no entry",
                                     nullptr};
  EXPECT_EQ(EnvironmentOfSteps(environment), (std::map<std::string, std::string>{
                                                 {"env.PYTORCH_ALLOC_CONF", "backend:native,expandable_segments:True"},
                                                 {"env.CUDA_MPS_ACTIVE_THREAD_PERCENTAGE", "50"},
                                                 {"env.CUBLAS_WORKSPACE_CONFIG", ":4096:8"},
                                                 {"env.CUBLASLT_HEURISTICS_CACHE_CAPACITY", "0"},
                                                 {"env.TORCH_CUDNN_SDPA_DEPRIORITIZED", "1"},
                                                 {"env.PYTORCH_TUNABLEOP_ENABLED", ""},
                                                 {"env.CUDA_MODULE_LOADING", "EAGER=x"},
                                             }));
  EXPECT_NO_THROW(RefuseHiddenChanges(environment));
}

TEST(Environment, RecordsEveryVariableOfTheTable) {
  for (const std::string name : {"CUDA_MPS_ACTIVE_THREAD_PERCENTAGE",
                                 "CUDA_MODULE_LOADING",
                                 "CUDA_DEVICE_MAX_CONNECTIONS",
                                 "CUDA_FORCE_PTX_JIT",
                                 "CUBLAS_WORKSPACE_CONFIG",
                                 "CUBLASLT_WORKSPACE_SIZE",
                                 "CUDNN_LOGLEVEL_DBG",
                                 "TORCH_CUDNN_V8_API_LRU_CACHE_LIMIT",
                                 "TORCH_BLAS_PREFER_CUBLASLT",
                                 "DISABLE_ADDMM_CUDA_LT",
                                 "PYTORCH_TUNABLEOP_TUNING",
                                 "PYTORCH_ALLOC_CONF",
                                 "PYTORCH_CUDA_ALLOC_CONF",
                                 "ATEN_CPU_CAPABILITY",
                                 "MKL_NUM_THREADS",
                                 "ONEDNN_MAX_CPU_ISA",
                                 "DNNL_MAX_CPU_ISA",
                                 "KMP_AFFINITY",
                                 "GOMP_CPU_AFFINITY",
                                 "OMP_DYNAMIC",
                                 "OMP_PLACES",
                                 "OMP_PROC_BIND",
                                 "OMP_WAIT_POLICY"}) {
    const std::string entry = name + "=1", longer = "X" + name + "=1";
    const char* const environment[] = {entry.c_str(), longer.c_str(), nullptr};
    EXPECT_EQ(EnvironmentOfSteps(environment), (std::map<std::string, std::string>{{"env." + name, "1"}})) << name;
  }
}

TEST(Environment, TakesAWholeNameWhereTheTableDoes) {
  const char* const environment[] = {"CUDA_LAUNCH_BLOCKING_X=1", "OMP_PLACES_X=1", "OMP_NUM_THREADS=2", nullptr};
  EXPECT_NO_THROW(RefuseHiddenChanges(environment));
  EXPECT_TRUE(EnvironmentOfSteps(environment).empty());
}

TEST(Environment, RefusesWhatChangesTheMeaningOfAName) {
  for (const std::string name : {"NVIDIA_TF32_OVERRIDE", "TORCH_ALLOW_TF32_CUBLAS_OVERRIDE", "CUDA_LAUNCH_BLOCKING",
                                 "PYTORCH_NO_CUDA_MEMORY_CACHING"}) {
    const std::string entry = name + "=1";
    const char* const environment[] = {"A=b", entry.c_str(), nullptr};
    EXPECT_THAT([&] { RefuseHiddenChanges(environment); }, ThrowsMessage<InputError>(HasSubstr(name)));
    EXPECT_TRUE(EnvironmentOfSteps(environment).empty());
  }
}

}  // namespace
}  // namespace tbench
