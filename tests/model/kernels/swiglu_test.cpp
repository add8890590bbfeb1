#include "model/kernels/swiglu.h"

#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

struct Shape {
  at::ScalarType type;
  std::int64_t rows, width;
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << TypeName(s.type) << "_rows_" << s.rows << "_width_" << s.width;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t rows : {1, 3, 512, 1000}) {
      for (const std::int64_t width : {64, 256, 3072, 10'240}) shapes.push_back({type, rows, width});
    }
  }
  return shapes;
}

struct Results {
  at::Tensor h, dab;
};

Results Compose(const at::Tensor& ab, const at::Tensor& dh) {
  const at::Tensor leaf = Fp64Leaf(ab);
  const auto halves = leaf.chunk(2, -1);
  const at::Tensor h = at::silu(halves[0]) * halves[1];
  h.backward(Fp64(dh));
  return {.h = h, .dab = leaf.grad()};
}

class SwiGluKernel : public KernelTest<Shape> {
 protected:
  template <class T>
  Results Run(const at::Tensor& ab, const at::Tensor& dh, const at::Tensor& dab) {
    const std::int64_t rows = dh.size(0), width = dh.size(1);
    const at::Tensor h = Poisoned({rows, width}, dh.scalar_type());
    EXPECT_EQ(SwiGluForward(stream_, Data<T>(ab), Data<T>(h), rows, width), cudaSuccess);
    EXPECT_EQ(SwiGluBackward(stream_, Data<T>(dh), Data<T>(ab), Data<T>(dab), rows, width), cudaSuccess);
    return {.h = h, .dab = dab};
  }
};

TEST_P(SwiGluKernel, AgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor ab = Random({s.rows, 2 * s.width}, s.type), dh = Random({s.rows, s.width}, s.type);
  const Results reference = Compose(ab, dh);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const Results out = Run<T>(ab, dh, Poisoned(ab.sizes(), s.type));
    ExpectOutput("h", out.h, reference.h);
    ExpectOutput("dab", out.dab, reference.dab);
  });
}

TEST_P(SwiGluKernel, MayWriteItsGradientOverItsInput) {
  const Shape& s = GetParam();
  const at::Tensor ab = Random({s.rows, 2 * s.width}, s.type), dh = Random({s.rows, s.width}, s.type);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const at::Tensor apart = Run<T>(ab, dh, Poisoned(ab.sizes(), s.type)).dab, in_place = GuardedCopy(ab);
    Run<T>(in_place, dh, in_place);
    EXPECT_TRUE(at::equal(in_place, apart));
    EXPECT_TRUE(GuardIsWhole(in_place));
  });
}

TEST_P(SwiGluKernel, StaysFiniteWhereTheExponentialOverflows) {
  const Shape& s = GetParam();
  const at::Tensor ab = Random({s.rows, 2 * s.width}, s.type) * 1e4, dh = Random({s.rows, s.width}, s.type);
  const Results reference = Compose(ab, dh);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const Results out = Run<T>(ab, dh, Poisoned(ab.sizes(), s.type));
    ExpectOutput("h", out.h, reference.h);
    ExpectOutput("dab", out.dab, reference.dab);
  });
}

INSTANTIATE_TEST_SUITE_P(Shapes, SwiGluKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
