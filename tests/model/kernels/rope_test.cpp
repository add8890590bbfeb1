#include "model/kernels/rope.h"

#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

struct Shape {
  at::ScalarType type;
  std::int64_t batch, context, heads, head_size;

  std::int64_t rows() const { return batch * context; }
  std::int64_t width() const { return heads * head_size; }
  RopeShape kernel_shape() const {
    return {.rows = rows(), .context = context, .heads = heads, .head_size = head_size};
  }
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << TypeName(s.type) << "_batch_" << s.batch << "_context_" << s.context << "_heads_" << s.heads << "_size_"
       << s.head_size;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t batch : {1, 3}) {
      for (const std::int64_t context : {8, 128, 1024}) {
        for (const std::int64_t heads : {1, 25}) {
          for (const std::int64_t head_size : {32, 64, 80}) {
            shapes.push_back({type, batch, context, heads, head_size});
          }
        }
      }
    }
  }
  return shapes;
}

struct Angles {
  at::Tensor cos, sin;  // [context, head size / 2]
};

Angles RandomAngles(const Shape& s) {
  const at::Tensor angle = Random({s.context, s.head_size / 2}, at::kFloat);
  return {.cos = angle.cos(), .sin = angle.sin()};
}

// x [rows, h·k], all its heads rotated.
at::Tensor Rotate(const at::Tensor& x, const Angles& angles, const Shape& s) {
  const at::Tensor pairs = x.reshape({s.batch, s.context, s.heads, s.head_size / 2, 2});
  const at::Tensor even = pairs.select(-1, 0), odd = pairs.select(-1, 1);
  const at::Tensor cos = Fp64(angles.cos).unsqueeze(1), sin = Fp64(angles.sin).unsqueeze(1);
  return at::stack({even * cos - odd * sin, even * sin + odd * cos}, -1).reshape({s.rows(), s.width()});
}

// qkv [rows, 3·h·k] -> the same with queries and keys rotated.
at::Tensor Compose(const at::Tensor& qkv, const Angles& angles, const Shape& s) {
  const auto thirds = qkv.chunk(3, -1);
  return at::cat({Rotate(thirds[0], angles, s), Rotate(thirds[1], angles, s), thirds[2]}, -1);
}

class RopeKernel : public KernelTest<Shape> {
 protected:
  // `gradients` are of queries, keys and values, each [rows, h·k], with equal strides.
  template <class T>
  cudaError_t Backward(const std::vector<at::Tensor>& gradients, const at::Tensor& dqkv, const Angles& angles) {
    return RopeBackward<T>(stream_, Data<T>(gradients[0]), Data<T>(gradients[1]), Data<T>(gradients[2]),
                           gradients[0].stride(0), Data<T>(dqkv), Data<float>(angles.cos), Data<float>(angles.sin),
                           GetParam().kernel_shape());
  }
};

TEST_P(RopeKernel, ForwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor qkv = Random({s.rows(), 3 * s.width()}, s.type), out = GuardedCopy(qkv);
  const Angles angles = RandomAngles(s);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(RopeForward(stream_, Data<T>(out), Data<float>(angles.cos), Data<float>(angles.sin), s.kernel_shape()),
              cudaSuccess);
  });
  ExpectOutput("qkv", out, Compose(Fp64(qkv), angles, s));
  EXPECT_TRUE(at::equal(out.chunk(3, -1)[2], qkv.chunk(3, -1)[2])) << "the values stay";
}

TEST_P(RopeKernel, BackwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const at::Tensor qkv = Random({s.rows(), 3 * s.width()}, s.type), leaf = Fp64Leaf(qkv);
  const at::Tensor rotated_gradients = Random(qkv.sizes(), s.type);
  const Angles angles = RandomAngles(s);
  Compose(leaf, angles, s).backward(Fp64(rotated_gradients));

  const auto thirds = rotated_gradients.chunk(3, -1);
  const std::vector<at::Tensor> apart{thirds[0].contiguous(), thirds[1].contiguous(), thirds[2].contiguous()};
  const at::Tensor from_apart = Poisoned(qkv.sizes(), s.type), from_thirds = Poisoned(qkv.sizes(), s.type),
                   in_place = GuardedCopy(rotated_gradients);
  WithElement(s.type, [&]<class T>(std::type_identity<T>) {
    EXPECT_EQ(Backward<T>(apart, from_apart, angles), cudaSuccess);
    EXPECT_EQ(Backward<T>(thirds, from_thirds, angles), cudaSuccess);
    EXPECT_EQ(Backward<T>(in_place.chunk(3, -1), in_place, angles), cudaSuccess);
  });
  ExpectOutput("dqkv", from_apart, leaf.grad());
  EXPECT_TRUE(at::equal(from_apart.chunk(3, -1)[2], apart[2])) << "the values' gradients are copied";
  EXPECT_TRUE(at::equal(from_thirds, from_apart));
  EXPECT_TRUE(at::equal(in_place, from_apart));
  EXPECT_TRUE(GuardIsWhole(in_place));
}

INSTANTIATE_TEST_SUITE_P(Shapes, RopeKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

}  // namespace
}  // namespace tbench::kernels
