#include "model/kernels/rms_norm.h"

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
      for (const std::int64_t width : {64, 96, 768, 1600, 2560, 8192}) shapes.push_back({type, rows, width});
    }
  }
  return shapes;
}

struct Inputs {
  at::Tensor x, weight, dy, residual;
};

Inputs RandomInputs(const Shape& s) {
  return {.x = Random({s.rows, s.width}, s.type),
          .weight = Random({s.width}, s.type),
          .dy = Random({s.rows, s.width}, s.type),
          .residual = Random({s.rows, s.width}, s.type)};
}

struct Results {
  at::Tensor y, scale, dx, dw;
};

Results Compose(const Inputs& in) {
  const at::Tensor x = Fp64Leaf(in.x), weight = Fp64Leaf(in.weight);
  const at::Tensor scale = at::rsqrt(x.pow(2).mean(-1, /*keepdim=*/true) + 1e-5);
  const at::Tensor y = x * scale * weight;
  y.backward(Fp64(in.dy));
  return {.y = y, .scale = scale.squeeze(-1), .dx = Fp64(in.residual) + x.grad(), .dw = weight.grad()};
}

Results PoisonedResults(const Shape& s) {
  return {.y = Poisoned({s.rows, s.width}, s.type),
          .scale = Poisoned({s.rows}, at::kFloat),
          .dx = Poisoned({s.rows, s.width}, s.type),
          .dw = Poisoned({1, s.width}, s.type)};
}

std::int64_t PartialRows(std::int64_t rows) {
  std::int64_t partial_rows = 0;
  EXPECT_EQ(RmsNormPartialRows(rows, partial_rows), cudaSuccess);
  return partial_rows;
}

class RmsNormKernel : public KernelTest<Shape> {};

TEST_P(RmsNormKernel, AgreesWithFp64) {
  const Shape& s = GetParam();
  const Inputs in = RandomInputs(s);
  const Results out = PoisonedResults(s), reference = Compose(in);
  const std::int64_t partial_rows = PartialRows(s.rows);
  const at::Tensor partial_dw = Poisoned({partial_rows, s.width}, at::kFloat);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    auto* const scale = Data<float>(out.scale);
    EXPECT_EQ(RmsNormForward(stream_, Data<T>(in.x), Data<T>(in.weight), Data<T>(out.y), scale, s.rows, s.width),
              cudaSuccess);
    EXPECT_EQ(RmsNormBackward(stream_, Data<T>(in.dy), Data<T>(in.x), Data<T>(in.weight), scale, Data<T>(in.residual),
                              Data<T>(out.dx), Data<float>(partial_dw), partial_dw.size(0), s.rows, s.width),
              cudaSuccess);
    EXPECT_EQ(
        RmsNormWeightGradients(stream_, Data<float>(partial_dw), Data<T>(out.dw), /*norms=*/1, partial_rows, s.width),
        cudaSuccess);
  });
  ExpectOutput("y", out.y, reference.y);
  ExpectOutput("scale", out.scale, reference.scale);
  ExpectOutput("dx", out.dx, reference.dx);
  ExpectClose("partial dw", partial_dw.sum(0), reference.dw);
  ExpectOutput("dw", out.dw, reference.dw.unsqueeze(0));
  EXPECT_TRUE(GuardIsWhole(partial_dw));
}

TEST_P(RmsNormKernel, MayWriteItsGradientOverItsInput) {
  const Shape& s = GetParam();
  const Inputs in = RandomInputs(s);
  const at::Tensor scale = Compose(in).scale.to(at::kFloat);
  const at::Tensor partial_dw = Poisoned({PartialRows(s.rows), s.width}, at::kFloat);
  const at::Tensor apart = Poisoned({s.rows, s.width}, s.type), in_place = GuardedCopy(in.x);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const auto backward = [&](const at::Tensor& x, const at::Tensor& dx) {
      return RmsNormBackward(stream_, Data<T>(in.dy), Data<T>(x), Data<T>(in.weight), Data<float>(scale),
                             Data<T>(in.residual), Data<T>(dx), Data<float>(partial_dw), partial_dw.size(0), s.rows,
                             s.width);
    };
    EXPECT_EQ(backward(in.x, apart), cudaSuccess);
    EXPECT_EQ(backward(in_place, in_place), cudaSuccess);
  });
  EXPECT_TRUE(at::equal(in_place, apart));
}

TEST_P(RmsNormKernel, TakesANullResidualForZero) {
  const Shape& s = GetParam();
  const Inputs in = RandomInputs(s);
  const at::Tensor scale = Compose(in).scale.to(at::kFloat), zero = at::zeros_like(in.x);
  const at::Tensor partial_dw = Poisoned({PartialRows(s.rows), s.width}, at::kFloat);
  const at::Tensor without = Poisoned({s.rows, s.width}, s.type), with_zero = Poisoned({s.rows, s.width}, s.type);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const auto backward = [&](const T* residual, const at::Tensor& dx) {
      return RmsNormBackward<T>(stream_, Data<T>(in.dy), Data<T>(in.x), Data<T>(in.weight), Data<float>(scale),
                                residual, Data<T>(dx), Data<float>(partial_dw), partial_dw.size(0), s.rows, s.width);
    };
    EXPECT_EQ(backward(nullptr, without), cudaSuccess);
    EXPECT_EQ(backward(Data<T>(zero), with_zero), cudaSuccess);
  });
  EXPECT_TRUE(at::equal(without, with_zero));
}

TEST_P(RmsNormKernel, AddsUpTheParts) {
  const Shape& s = GetParam();
  constexpr std::int64_t kParts = 3;
  const at::Tensor parts = Random({kParts, s.rows, s.width}, at::kFloat), sum = Fp64(parts).sum(0);
  Inputs in = RandomInputs(s);
  const at::Tensor residual = Random({s.rows, s.width}, s.type), x = Poisoned({s.rows, s.width}, s.type);
  const Results out = PoisonedResults(s);
  const at::Tensor partial_dw = Poisoned({PartialRows(s.rows), s.width}, at::kFloat);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    const SplitKPartials added{Data<float>(parts), kParts};
    EXPECT_EQ(ResidualRmsNormForward(stream_, added, Data<T>(residual), Data<T>(in.weight), Data<T>(x), Data<T>(out.y),
                                     Data<float>(out.scale), s.rows, s.width),
              cudaSuccess);
    EXPECT_EQ(
        RmsNormBackward(stream_, added, Data<T>(x), Data<T>(in.weight), Data<float>(out.scale), Data<T>(in.residual),
                        Data<T>(out.dx), Data<float>(partial_dw), partial_dw.size(0), s.rows, s.width),
        cudaSuccess);
  });
  ExpectOutput("x", x, Fp64(residual) + sum);
  in.x = x;
  in.dy = sum;
  const Results reference = Compose(in);
  ExpectOutput("y", out.y, reference.y);
  ExpectOutput("scale", out.scale, reference.scale);
  ExpectOutput("dx", out.dx, reference.dx);
  ExpectClose("partial dw", partial_dw.sum(0), reference.dw);
}

INSTANTIATE_TEST_SUITE_P(Shapes, RmsNormKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

class RmsNormLimits : public KernelTest<at::ScalarType> {};

TEST_P(RmsNormLimits, BackwardTakesTheWidestRow) {
  const Shape s{.type = GetParam(), .rows = 5, .width = kRmsNormMaxWidth};
  const Inputs in = RandomInputs(s);
  const Results reference = Compose(in);
  const at::Tensor scale = reference.scale.to(at::kFloat), dx = Poisoned({s.rows, s.width}, s.type),
                   partial_dw = Poisoned({PartialRows(s.rows), s.width}, at::kFloat);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(RmsNormBackward(stream_, Data<T>(in.dy), Data<T>(in.x), Data<T>(in.weight), Data<float>(scale),
                              Data<T>(in.residual), Data<T>(dx), Data<float>(partial_dw), partial_dw.size(0), s.rows,
                              s.width),
              cudaSuccess);
  });
  ExpectOutput("dx", dx, reference.dx);
  ExpectClose("partial dw", partial_dw.sum(0), reference.dw);
}

TEST_P(RmsNormLimits, BackwardRefusesAWiderRowAndWritesNothing) {
  const std::int64_t rows = 1, width = kRmsNormMaxWidth + 8;
  const at::Tensor in = Random({rows, width}, GetParam()), scale = Random({rows}, at::kFloat),
                   dx = Poisoned({rows, width}, GetParam()), partial_dw = Poisoned({1, width}, at::kFloat);
  WithElement(GetParam(), [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(RmsNormBackward(stream_, Data<T>(in), Data<T>(in), Data<T>(in), Data<float>(scale), Data<T>(in),
                              Data<T>(dx), Data<float>(partial_dw), partial_dw.size(0), rows, width),
              cudaErrorInvalidValue);
  });
  EXPECT_TRUE(dx.isnan().all().item<bool>());
  EXPECT_TRUE(partial_dw.isnan().all().item<bool>());
}

TEST_P(RmsNormLimits, AddsUpTheWeightGradientsOfManyNorms) {
  const std::int64_t norms = 3, partial_rows = 70, width = 96;
  const at::Tensor partial_dw = Random({norms, partial_rows, width}, at::kFloat),
                   dw = Poisoned({norms, width}, GetParam());
  WithElement(GetParam(), [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(RmsNormWeightGradients(stream_, Data<float>(partial_dw), Data<T>(dw), norms, partial_rows, width),
              cudaSuccess);
  });
  ExpectOutput("dw", dw, Fp64(partial_dw).sum(1));
}

TEST_P(RmsNormLimits, RefusesMoreNormsThanALaunchHas) {
  const at::Tensor partial_dw = Random({kRmsNormMaxNorms + 1, 1, 8}, at::kFloat),
                   dw = Poisoned({kRmsNormMaxNorms + 1, 8}, GetParam());
  WithElement(GetParam(), [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(RmsNormWeightGradients(stream_, Data<float>(partial_dw), Data<T>(dw), kRmsNormMaxNorms + 1, 1, 8),
              cudaErrorInvalidValue);
    EXPECT_TRUE(dw.isnan().all().item<bool>());
    EXPECT_EQ(RmsNormWeightGradients(stream_, Data<float>(partial_dw), Data<T>(dw), kRmsNormMaxNorms, 1, 8),
              cudaSuccess);
  });
  ExpectClose("dw", dw.narrow(0, 0, kRmsNormMaxNorms), Fp64(partial_dw).sum(1).narrow(0, 0, kRmsNormMaxNorms));
}

INSTANTIATE_TEST_SUITE_P(Types, RmsNormLimits, testing::ValuesIn(kTypes),
                         [](const auto& type) { return TypeName(type.param); });

}  // namespace
}  // namespace tbench::kernels
