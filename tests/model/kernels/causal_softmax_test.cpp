#include "model/kernels/causal_softmax.h"

#include <cmath>
#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr float kScale = 0.125F;  // of heads of 64

struct Shape {
  at::ScalarType type;
  std::int64_t matrices, context;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << TypeName(s.type) << "_matrices_" << s.matrices << "_context_" << s.context;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t matrices : {1, 3, 20}) {
      for (const std::int64_t context : {8, 64, 128, 136, 1024}) shapes.push_back({type, matrices, context});
    }
  }
  return shapes;
}

class CausalSoftmaxKernel : public KernelTest<Shape> {
 protected:
  void SetUp() override {
    KernelTest<Shape>::SetUp();
    if (IsSkipped()) return;
    const std::int64_t context = GetParam().context;
    future_ = at::ones({context, context}, OnGpu(at::kBool)).triu(1);
  }

  // NaN beyond the diagonal: nothing there may count.
  at::Tensor RandomBelowDiagonal(double deviation) const {
    const Shape& s = GetParam();
    const at::Tensor values = Random({s.matrices, s.context, s.context}, at::kFloat) * deviation;
    return values.to(s.type).masked_fill(future_, std::numeric_limits<double>::quiet_NaN());
  }

  at::Tensor Forward(const at::Tensor& scores) {
    const at::Tensor probabilities = GuardedCopy(scores);
    WithElement(scores.scalar_type(), [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(CausalSoftmaxForward(stream_, Data<T>(probabilities), kScale, scores.size(0), scores.size(1)),
                cudaSuccess);
    });
    return probabilities;
  }

  at::Tensor Compose(const at::Tensor& scores) const {
    return at::softmax(Fp64(scores).masked_fill(future_, -kInfinity) * double(kScale), -1);
  }

  void ExpectZeroBeyondDiagonal(const at::Tensor& matrices) const {
    EXPECT_EQ(matrices.masked_select(future_).count_nonzero().item<std::int64_t>(), 0);
  }

  at::Tensor future_;  // [T, T]: true where the key comes after the query
};

TEST_P(CausalSoftmaxKernel, ForwardAgreesWithFp64) {
  const at::Tensor scores = RandomBelowDiagonal(8);
  const at::Tensor probabilities = Forward(scores);
  ExpectOutput("probabilities", probabilities, Compose(scores));
  ExpectZeroBeyondDiagonal(probabilities);
}

TEST_P(CausalSoftmaxKernel, StaysFiniteForLargeScores) {
  const at::Tensor scores = RandomBelowDiagonal(1e4);
  const at::Tensor probabilities = Forward(scores);
  EXPECT_TRUE(IsFinite(probabilities));
  EXPECT_LE((Fp64(probabilities) - Compose(scores)).abs().max().item<double>(), 1e-2);
  ExpectZeroBeyondDiagonal(probabilities);
}

TEST_P(CausalSoftmaxKernel, BackwardAgreesWithFp64) {
  // Its input are probabilities that were rounded: autograd's formula is applied to them.
  const at::Tensor probabilities = Forward(RandomBelowDiagonal(8)), dp = RandomBelowDiagonal(1);
  const at::Tensor reference =
      at::_softmax_backward_data(Fp64(dp).masked_fill(future_, 0), Fp64(probabilities), -1, at::kDouble) *
      double(kScale);
  const at::Tensor gradients = GuardedCopy(dp);
  WithElement(dp.scalar_type(), [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(
        CausalSoftmaxBackward(stream_, Data<T>(gradients), Data<T>(probabilities), kScale, dp.size(0), dp.size(1)),
        cudaSuccess);
  });
  ExpectOutput("gradients", gradients, reference);
  ExpectZeroBeyondDiagonal(gradients);
}

INSTANTIATE_TEST_SUITE_P(Shapes, CausalSoftmaxKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
