#include "model/kernels/embedding.h"

#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

struct Shape {
  at::ScalarType type;
  std::int64_t rows, vocab, width;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << TypeName(s.type) << "_rows_" << s.rows << "_vocab_" << s.vocab << "_width_" << s.width;
}

// 1000 rows of a vocabulary of 48 name each token some twenty times.
std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t rows : {1, 3, 512, 1000}) {
      for (const std::int64_t vocab : {48, 10'000}) {
        for (const std::int64_t width : {64, 96, 768, 1600, 2560}) shapes.push_back({type, rows, vocab, width});
      }
    }
  }
  return shapes;
}

at::Tensor Compose(const at::Tensor& dx, const at::Tensor& tokens, std::int64_t vocab) {
  const at::Tensor table = at::zeros({vocab, dx.size(1)}, OnGpu(at::kDouble)).requires_grad_();
  at::embedding(table, tokens).backward(Fp64(dx));
  return table.grad();
}

class EmbeddingKernel : public KernelTest<Shape> {
 protected:
  void ExpectBackwardOf(const at::Tensor& tokens) {
    const Shape& s = GetParam();
    const at::Tensor dx = Random({s.rows, s.width}, s.type), dtable = Poisoned({s.vocab, s.width}, s.type),
                     first = Poisoned({s.vocab}, at::kInt), next = Poisoned({s.rows}, at::kInt);
    WithElement(s.type, [&]<class T>(std::type_identity<T>) {
      EXPECT_EQ(EmbeddingBackward(stream_, Data<T>(dx), Data<std::int64_t>(tokens), Data<T>(dtable), Data<int>(first),
                                  Data<int>(next), s.rows, s.vocab, s.width),
                cudaSuccess);
    });
    const at::Tensor reference = Compose(dx, tokens, s.vocab);
    ExpectOutput("dtable", dtable, reference);
    const at::Tensor absent = at::ones({s.vocab}, OnGpu(at::kBool)).index_fill(0, tokens, false);
    EXPECT_EQ(dtable.index({absent}).count_nonzero().item<std::int64_t>(), 0) << "rows of tokens that do not occur";
    EXPECT_TRUE(GuardIsWhole(first) && GuardIsWhole(next));
  }
};

TEST_P(EmbeddingKernel, ForwardCopiesRows) {
  const Shape& s = GetParam();
  const at::Tensor table = Random({s.vocab, s.width}, s.type), tokens = RandomTokens(s.rows, s.vocab),
                   x = Poisoned({s.rows, s.width}, s.type);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(EmbeddingForward(stream_, Data<T>(table), Data<std::int64_t>(tokens), Data<T>(x), s.rows, s.width),
              cudaSuccess);
  });
  EXPECT_TRUE(at::equal(x, at::embedding(table, tokens)));
  EXPECT_TRUE(GuardIsWhole(x));
}

TEST_P(EmbeddingKernel, BackwardAgreesWithFp64) { ExpectBackwardOf(RandomTokens(GetParam().rows, GetParam().vocab)); }

TEST_P(EmbeddingKernel, BackwardAddsUpRowsOfOneToken) {
  const std::int64_t last = GetParam().vocab - 1;
  ExpectBackwardOf(at::full({GetParam().rows}, last, OnGpu(at::kLong)));
}

INSTANTIATE_TEST_SUITE_P(Shapes, EmbeddingKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
