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
