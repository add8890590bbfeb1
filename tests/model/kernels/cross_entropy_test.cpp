#include "model/kernels/cross_entropy.h"

#include <ATen/core/Reduction.h>

#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

struct Shape {
  at::ScalarType type;
  std::int64_t rows, vocab;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << TypeName(s.type) << "_rows_" << s.rows << "_vocab_" << s.vocab;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t rows : {1, 3, 512, 1000}) {
      for (const std::int64_t vocab : {48, 10'000}) shapes.push_back({type, rows, vocab});
    }
    shapes.push_back({type, 5, 128'256});
  }
  return shapes;
}

struct Results {
  at::Tensor row_loss, log_sum_exp, loss, gradient;
};

Results Compose(const at::Tensor& logits, const at::Tensor& targets) {
  const at::Tensor leaf = Fp64Leaf(logits);
  const at::Tensor row_loss = at::cross_entropy_loss(leaf, targets, {}, at::Reduction::None);
  const at::Tensor loss = row_loss.mean();
  loss.backward();
  return {
      .row_loss = row_loss, .log_sum_exp = at::logsumexp(leaf, -1), .loss = loss.unsqueeze(0), .gradient = leaf.grad()};
}

class CrossEntropyKernel : public KernelTest<Shape> {
 protected:
  void SetUp() override {
    KernelTest<Shape>::SetUp();
    if (IsSkipped()) return;
    targets_ = RandomTokens(GetParam().rows, GetParam().vocab);
    done_ = at::zeros({1}, OnGpu(at::kInt));
  }

  Results Forward(const at::Tensor& logits) {
    const auto [rows, vocab] = std::pair(logits.size(0), logits.size(1));
    const Results out{.row_loss = Poisoned({rows}, at::kFloat),
                      .log_sum_exp = Poisoned({rows}, at::kFloat),
                      .loss = Poisoned({1}, at::kFloat),
                      .gradient = {}};
    WithElement(logits.scalar_type(), [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(
          CrossEntropyForward(stream_, Data<T>(logits), Data<std::int64_t>(targets_), Data<float>(out.row_loss),
                              Data<float>(out.log_sum_exp), Data<float>(out.loss), Data<unsigned>(done_), rows, vocab),
          cudaSuccess);
    });
    return out;
  }

  at::Tensor Backward(const at::Tensor& logits, const at::Tensor& log_sum_exp) {
    const at::Tensor gradient = GuardedCopy(logits);
    WithElement(logits.scalar_type(), [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(CrossEntropyBackward(stream_, Data<T>(gradient), Data<std::int64_t>(targets_), Data<float>(log_sum_exp),
                                     logits.size(0), logits.size(1)),
                cudaSuccess);
    });
    return gradient;
  }

  // Without the targets' elements, beside which the others are small.
  at::Tensor OtherTokens(const at::Tensor& gradient) const { return gradient.scatter(-1, targets_.unsqueeze(-1), 0); }

  at::Tensor targets_, done_;
};

TEST_P(CrossEntropyKernel, AgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor logits = Random({s.rows, s.vocab}, s.type);
  const Results reference = Compose(logits, targets_), out = Forward(logits);
  ExpectOutput("row_loss", out.row_loss, reference.row_loss);
  ExpectOutput("log_sum_exp", out.log_sum_exp, reference.log_sum_exp);
  ExpectOutput("loss", out.loss, reference.loss);
  const at::Tensor gradient = Backward(logits, out.log_sum_exp);
  ExpectOutput("gradient", gradient, reference.gradient);
  ExpectClose("gradient of other tokens", OtherTokens(gradient), OtherTokens(reference.gradient));
}

TEST_P(CrossEntropyKernel, LeavesItsCounterAtZeroSoThatItRunsAgain) {
  const Shape& s = GetParam();
  const at::Tensor logits = Random({s.rows, s.vocab}, s.type);
  const Results first = Forward(logits);
  EXPECT_EQ(done_.item<int>(), 0);
  const Results second = Forward(logits);
  EXPECT_EQ(done_.item<int>(), 0);
  EXPECT_TRUE(at::equal(second.row_loss, first.row_loss));
  ExpectOutput("loss", second.loss, first.loss);
}

TEST_P(CrossEntropyKernel, StaysFiniteForLargeLogits) {
  const Shape& s = GetParam();
  const at::Tensor sign = at::where(Random({s.rows, s.vocab}, at::kFloat) < 0, -1.0, 1.0);
  const at::Tensor logits = (sign * 1e4 + Random({s.rows, s.vocab}, at::kFloat)).to(s.type);
  const Results reference = Compose(logits, targets_), out = Forward(logits);
  EXPECT_TRUE(IsFinite(out.row_loss));
  EXPECT_TRUE(IsFinite(Backward(logits, out.log_sum_exp)));
  ExpectOutput("log_sum_exp", out.log_sum_exp, reference.log_sum_exp);
  EXPECT_TRUE(IsFinite(out.loss));
}

INSTANTIATE_TEST_SUITE_P(Shapes, CrossEntropyKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
