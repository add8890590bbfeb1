#include "model/kernels/hopper/swiglu_gemm.h"

#include <array>
#include <cmath>
#include <vector>

#include "model/kernels/hopper/hopper_support.h"
#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

using Element = __nv_bfloat16;

struct Shape {
  std::int64_t rows, in, width;
};
void PrintTo(const Shape& s, std::ostream* out) { *out << "rows_" << s.rows << "_in_" << s.in << "_width_" << s.width; }

std::vector<Shape> Shapes() {
  // Of a step, in tiles of either width; then parts of tiles, of pairs of tiles and of slices. The last three have on
  // 132 multiprocessors more tiles than run at once: wide ones, narrow ones, narrow ones of one slice.
  return {{512, 768, 3072}, {1024, 1024, 4096}, {256, 2560, 10'240}, {1, 8, 8},
          {128, 64, 128},   {129, 72, 136},     {300, 8, 2056},      {777, 776, 1000},
          {2500, 200, 264}, {2600, 136, 4104},  {2500, 72, 1800},    {2500, 8, 1800}};
}

class SwiGluGemmKernel : public KernelTest<Shape> {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (IsSkipped()) return;
    if (!HasHopperGemms()) GTEST_SKIP() << "for compute capability 9.0 alone";
    const Shape& s = GetParam();
    // Of a deviation near 1 in a, b and dh.
    x_ = Random({s.rows, s.in}, at::kBFloat16);
    w13_ = (Random({2 * s.width, s.in}, at::kFloat) / std::sqrt(double(s.in))).to(at::kBFloat16);
    w2_ = (Random({s.in, s.width}, at::kFloat) / std::sqrt(double(s.in))).to(at::kBFloat16);
  }

  cudaError_t Forward(const at::Tensor& ab, const at::Tensor& h) const {
    const Shape& s = GetParam();
    return SwiGluGemmForward(stream_, Data<Element>(x_), Data<Element>(w13_), Data<Element>(ab), Data<Element>(h),
                             s.rows, s.in, s.width);
  }
  cudaError_t Backward(const at::Tensor& ab) const {
    const Shape& s = GetParam();
    return SwiGluGemmBackward(stream_, Data<Element>(x_), Data<Element>(w2_), Data<Element>(ab), s.rows, s.in, s.width);
  }

  at::Tensor x_, w13_, w2_;  // x is dy too
};

TEST_P(SwiGluGemmKernel, ForwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor ab = Poisoned({s.rows, 2 * s.width}, at::kBFloat16), h = Poisoned({s.rows, s.width}, at::kBFloat16);
  ASSERT_EQ(Forward(ab, h), cudaSuccess);
  ExpectOutput("ab", ab, Fp64(x_).mm(Fp64(w13_).t()));
  // Of a and b as they are rounded: the backward pass has no others.
  const auto halves = Fp64(ab).chunk(2, -1);
  ExpectOutput("h", h, at::silu(halves[0]) * halves[1]);
}

TEST_P(SwiGluGemmKernel, BackwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor before = Random({s.rows, 2 * s.width}, at::kBFloat16), ab = GuardedCopy(before);
  ASSERT_EQ(Backward(ab), cudaSuccess);
  const at::Tensor leaf = Fp64Leaf(before);
  const auto halves = leaf.chunk(2, -1);
  (at::silu(halves[0]) * halves[1]).backward(Fp64(x_).mm(Fp64(w2_)));
  ExpectOutput("dab", ab, leaf.grad());
}

TEST_P(SwiGluGemmKernel, GivesTheSameAgain) {
  const Shape& s = GetParam();
  const at::Tensor ab = Poisoned({s.rows, 2 * s.width}, at::kBFloat16), h = Poisoned({s.rows, s.width}, at::kBFloat16);
  ASSERT_EQ(Forward(ab, h), cudaSuccess);
  const at::Tensor first_ab = ab.clone(), first_h = h.clone();
  ASSERT_EQ(Backward(ab), cudaSuccess);
  const at::Tensor first_dab = ab.clone();
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(Forward(ab, h), cudaSuccess);
    EXPECT_TRUE(at::equal(ab, first_ab) && at::equal(h, first_h)) << i;
    ASSERT_EQ(Backward(ab), cudaSuccess);
    EXPECT_TRUE(at::equal(ab, first_dab)) << i;
  }
}

TEST(SwiGluGemm, RefusesSizesThatItDoesNotTake) {
  for (const auto& [rows, in, width] : {std::array{0, 8, 8}, {8, 12, 8}, {8, 8, 12}, {8, 8, 0}}) {
    EXPECT_EQ(SwiGluGemmForward(nullptr, nullptr, nullptr, nullptr, nullptr, rows, in, width), cudaErrorInvalidValue);
    EXPECT_EQ(SwiGluGemmBackward(nullptr, nullptr, nullptr, nullptr, rows, in, width), cudaErrorInvalidValue);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, SwiGluGemmKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
