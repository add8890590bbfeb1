#include "model/kernels/hopper/hopper_support.h"

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

class HopperGemms : public GpuTest {};

// Where this fails on a Hopper GPU, the tests of its GEMMs are skipped.
TEST_F(HopperGemms, AreThereOnHopperAlone) {
  const cudaDeviceProp* const gpu = at::cuda::getCurrentDeviceProperties();
  EXPECT_EQ(HasHopperGemms(), gpu->major == 9 && gpu->minor == 0);
  EXPECT_EQ(cudaGetLastError(), cudaSuccess);
}

}  // namespace
}  // namespace tbench::kernels
