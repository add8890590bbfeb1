#include "model/kernels/hopper/rope_gemm.h"

#include <array>
#include <cmath>
#include <vector>

#include "model/kernels/hopper/hopper_support.h"
#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

using Element = __nv_bfloat16;

struct Shape {
  std::int64_t batch, context, heads, head_size, in;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << "batch_" << s.batch << "_context_" << s.context << "_heads_" << s.heads << "_head_size_" << s.head_size
       << "_in_" << s.in;
}

std::vector<Shape> Shapes() {
  // Of a step, in tiles of either width; of heads that no tile is a multiple of; then parts of tiles and of slices. The
  // last has wide tiles, and on 132 multiprocessors more of them than run at once.
  return {{4, 128, 12, 64, 768}, {2, 512, 16, 64, 1024}, {1, 1024, 25, 64, 1600}, {2, 256, 32, 80, 2560},
          {1, 1, 1, 8, 8},       {3, 43, 5, 24, 136},    {7, 111, 3, 128, 72},    {3, 430, 20, 72, 136}};
}

class RopeGemmKernel : public KernelTest<Shape> {
 protected:
  void SetUp() override {
    KernelTest::SetUp();
    if (!IsSkipped() && !HasHopperGemms()) GTEST_SKIP() << "for compute capability 9.0 alone";
  }

  static std::int64_t Width() { return GetParam().heads * GetParam().head_size; }
  static std::int64_t Rows() { return GetParam().batch * GetParam().context; }
};

TEST_P(RopeGemmKernel, AgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor x = Random({Rows(), s.in}, at::kBFloat16);
  const at::Tensor w = (Random({3 * Width(), s.in}, at::kFloat) / std::sqrt(double(s.in))).to(at::kBFloat16);
  const at::Tensor angle = Random({s.context, s.head_size / 2}, at::kFloat);
  const at::Tensor cos = angle.cos(), sin = angle.sin(), qkv = Poisoned({Rows(), 3 * Width()}, at::kBFloat16);
  ASSERT_EQ(RopeGemmForward(stream_, Data<Element>(x), Data<Element>(w), Data<Element>(qkv), Data<float>(cos),
                            Data<float>(sin), {Rows(), s.context, s.heads, s.head_size}, s.in),
            cudaSuccess);

  const at::Tensor y = Fp64(Fp64(x).mm(Fp64(w).t()).to(at::kBFloat16));
  const at::Tensor pairs = y.narrow(1, 0, 2 * Width()).view({s.batch, s.context, 2 * s.heads, s.head_size / 2, 2});
  const at::Tensor even = pairs.select(-1, 0), odd = pairs.select(-1, 1);
  const at::Tensor c = Fp64(cos).unsqueeze(1), n = Fp64(sin).unsqueeze(1);
  const at::Tensor rotated = at::stack({even * c - odd * n, even * n + odd * c}, -1).view({Rows(), 2 * Width()});
  ExpectOutput("qkv", qkv, at::cat({rotated, y.narrow(1, 2 * Width(), Width())}, 1));
}

TEST(RopeGemm, RefusesSizesThatItDoesNotTake) {
  for (const auto& [head_size, in, context] : {std::array{12, 64, 4}, {64, 12, 4}, {64, 64, 0}}) {
    EXPECT_EQ(RopeGemmForward(nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, {4, context, 2, head_size}, in),
              cudaErrorInvalidValue);
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, RopeGemmKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
