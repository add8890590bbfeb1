#include "model/kernels/adamw.h"

#include <cmath>
#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

constexpr AdamWSettings kSettings{
    .learning_rate = 0.01, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 1e-8, .weight_decay = 0.1};
constexpr int kSteps = 3;

struct Size {
  at::ScalarType type;
  std::int64_t count;
  double gradient;  // its deviation: near epsilon it shows where epsilon is added
};
void PrintTo(const Size& s, std::ostream* out) {
  *out << TypeName(s.type) << "_count_" << s.count << (s.gradient < 1e-6 ? "_gradients_near_epsilon" : "");
}

std::vector<Size> Sizes() {
  std::vector<Size> sizes;
  for (const at::ScalarType type : kTypes) {
    // Multiples of 8 and of no block.
    for (const std::int64_t count : {8, 1000, 4'096, 1'000'008}) sizes.push_back({type, count, 1e-2});
    sizes.push_back({type, 1000, 1e-8});
  }
  return sizes;
}

class AdamWKernel : public KernelTest<Size> {};

TEST_P(AdamWKernel, AgreesWithTheFusedOperatorInFp64) {
  const Size& s = GetParam();
  const bool has_masters = s.type != at::kFloat;
  const at::Tensor masters = GuardedCopy(Random({s.count}, at::kFloat) * 0.1);
  const at::Tensor parameters = has_masters ? GuardedCopy(masters.to(s.type)) : masters;
  const at::Tensor first = GuardedCopy(at::zeros_like(masters)), second = GuardedCopy(at::zeros_like(masters));
  const at::Tensor clock = at::zeros({std::int64_t(sizeof(AdamWClock))}, OnGpu(at::kByte));

  std::vector<at::Tensor> weights{Fp64(masters).clone()}, first_moments{Fp64(first)}, second_moments{Fp64(second)},
      steps{at::zeros({}, OnGpu(at::kFloat))};
  for (int step = 0; step < kSteps; ++step) {
    const at::Tensor gradients = (Random({s.count}, at::kFloat) * s.gradient).to(s.type);
    WithElement(s.type, [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(AdamWStep(stream_, Data<T>(parameters), Data<float>(masters), Data<T>(gradients), Data<float>(first),
                          Data<float>(second), static_cast<AdamWClock*>(clock.data_ptr()), s.count, kSettings),
                cudaSuccess);
    });
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(weights, {Fp64(gradients)}, first_moments, second_moments, {}, steps, kSettings.learning_rate,
                      kSettings.beta1, kSettings.beta2, kSettings.weight_decay, kSettings.epsilon, /*amsgrad=*/false,
                      /*maximize=*/false);
    ExpectOutput("masters", masters, weights[0]);
    ExpectOutput("first moments", first, first_moments[0]);
    ExpectOutput("second moments", second, second_moments[0]);
    EXPECT_TRUE(at::equal(parameters, masters.to(s.type))) << "the parameters are the masters, rounded";
    EXPECT_TRUE(GuardIsWhole(parameters));
  }

  AdamWClock read{};
  ASSERT_EQ(cudaMemcpy(&read, clock.data_ptr(), sizeof read, cudaMemcpyDeviceToHost), cudaSuccess);
  EXPECT_EQ(read.steps, kSteps);
  const double step_size = kSettings.learning_rate / (1 - std::pow(kSettings.beta1, kSteps)),
               second_moment_scale = 1 / std::sqrt(1 - std::pow(kSettings.beta2, kSteps));
  EXPECT_NEAR(read.step_size / step_size, 1, kFp32Bound);
  EXPECT_NEAR(read.second_moment_scale / second_moment_scale, 1, kFp32Bound);
}

INSTANTIATE_TEST_SUITE_P(Sizes, AdamWKernel, testing::ValuesIn(Sizes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
