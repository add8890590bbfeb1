#include "model/kernels/short_attention.h"

#include <cmath>
#include <vector>

#include "tests/model/kernels/kernel_test.h"

namespace tbench::kernels {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
// Of ‖out − reference‖/‖reference‖. Each rounding to BF16 is 1.7e-3 in norm, and three or four stand one after another:
// of rotated queries and keys, of probabilities or the scores' gradients, of the outputs that the latter take in, and
// of the result.
constexpr double kBound = 1e-2;
// Where the reference is 0, of a result's elements: FP32's error of a sum of some hundred products near 1.
constexpr double kZero = 1e-5;
// Of a log-sum-exp, |out − reference|, where the kernel's FP32 rounds an element of a query or a key to the other one
// of two neighbours in BF16 than FP64 does.
constexpr double kSumBound = 3e-3;

struct Shape {
  std::int64_t batch, context, heads, head_size;

  std::int64_t rows() const { return batch * context; }
  std::int64_t width() const { return heads * head_size; }
  ShortAttentionShape kernel_shape() const {
    return {.batch = batch, .context = context, .heads = heads, .head_size = head_size};
  }
};
void PrintTo(const Shape& s, std::ostream* out) {
  *out << "batch_" << s.batch << "_context_" << s.context << "_heads_" << s.heads << "_size_" << s.head_size;
}

std::vector<Shape> Shapes() {
  std::vector<Shape> shapes;
  for (const std::int64_t batch : {1, 3}) {
    for (const std::int64_t context : {1, 8, 17, 65, 100, 128, 129, 144, 200, 256}) {
      for (const std::int64_t heads : {1, 12}) {
        for (const auto& [head_size, longest_context] : kShortAttentionLimits) {
          if (context <= longest_context) shapes.push_back({batch, context, heads, head_size});
        }
      }
    }
  }
  return shapes;
}

// The kernels' buffers, with random inputs.
struct Buffers {
  explicit Buffers(const Shape& s, double deviation = 1)
      : shape(s.kernel_shape()),
        inputs(Random({s.rows(), 3 * s.width()}, at::kBFloat16) * deviation),
        dout(Random({s.rows(), s.width()}, at::kBFloat16) * deviation),
        qkv(GuardedCopy(inputs)),
        out(Poisoned(dout.sizes(), at::kBFloat16)),
        log_sum_exp(Poisoned({s.batch, s.heads, s.context}, at::kFloat)) {
    const at::Tensor angle = Random({s.context, s.head_size / 2}, at::kFloat);
    cos = angle.cos();
    sin = angle.sin();
  }

  cudaError_t Forward(cudaStream_t stream) const {
    return ShortAttentionForward(stream, Data<__nv_bfloat16>(qkv), Data<float>(cos), Data<float>(sin),
                                 Data<__nv_bfloat16>(out), Data<float>(log_sum_exp), shape);
  }
  cudaError_t Backward(cudaStream_t stream) const {
    return ShortAttentionBackward(stream, Data<__nv_bfloat16>(qkv), Data<__nv_bfloat16>(out), Data<__nv_bfloat16>(dout),
                                  Data<float>(log_sum_exp), Data<float>(cos), Data<float>(sin), shape);
  }

  ShortAttentionShape shape;
  at::Tensor cos, sin;
  at::Tensor inputs, dout;           // of Forward's qkv, of Backward
  at::Tensor qkv, out, log_sum_exp;  // what the kernels write
};

// qkv [B·T, 3·h·k] -> queries, keys and values, [3, B, h, T, k].
at::Tensor Heads(const at::Tensor& qkv, const Shape& s) {
  return qkv.view({s.batch, s.context, 3, s.heads, s.head_size}).permute({2, 0, 3, 1, 4});
}

// x [.., T, k], each row rotated by its position's angles.
at::Tensor Turn(const at::Tensor& x, const Buffers& b) {
  const at::Tensor pairs = x.unflatten(-1, {x.size(-1) / 2, 2}), cos = Fp64(b.cos), sin = Fp64(b.sin);
  const at::Tensor even = pairs.select(-1, 0), odd = pairs.select(-1, 1);
  return at::stack({even * cos - odd * sin, even * sin + odd * cos}, -1).flatten(-2);
}

// As the kernels turn: to BF16.
at::Tensor RoundedTurn(const at::Tensor& x, const Buffers& b) { return Fp64(Turn(x, b).to(at::kBFloat16)); }

// Of rotated queries and keys, [B, h, T, k]; -∞ where the key comes after the query.
at::Tensor Scores(const at::Tensor& q, const at::Tensor& k) {
  const at::Tensor scores = q.matmul(k.transpose(-1, -2)) / std::sqrt(double(q.size(-1)));
  return scores.masked_fill(at::ones_like(scores, at::kBool).triu(1), -kInfinity);
}

// -> [B·T, h·k]
at::Tensor Output(const at::Tensor& scores, const at::Tensor& v, const Shape& s) {
  return scores.softmax(-1).matmul(v).transpose(1, 2).reshape({s.rows(), s.width()});
}

void ExpectNear(const char* what, const at::Tensor& out, const at::Tensor& reference) {
  const double zero = kZero * std::sqrt(double(out.numel()));
  EXPECT_LE((Fp64(out) - reference).norm().item<double>(), kBound * reference.norm().item<double>() + zero) << what;
}

class ShortAttentionKernel : public KernelTest<Shape> {};

TEST_P(ShortAttentionKernel, ForwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const Buffers b(s);
  EXPECT_EQ(b.Forward(stream_), cudaSuccess);
  EXPECT_TRUE(at::equal(b.qkv, b.inputs)) << "only read";

  const at::Tensor heads = Fp64(Heads(b.inputs, s));
  const at::Tensor scores = Scores(RoundedTurn(heads[0], b), RoundedTurn(heads[1], b));
  EXPECT_LE((Fp64(b.log_sum_exp) - scores.logsumexp(-1)).abs().max().item<double>(), kSumBound);
  EXPECT_TRUE(GuardIsWhole(b.log_sum_exp));
  ExpectNear("out", b.out, Output(scores, heads[2], s));
  EXPECT_TRUE(GuardIsWhole(b.out));
}

TEST_P(ShortAttentionKernel, BackwardAgreesWithFp64) {
  const Shape& s = GetParam();
  const Buffers b(s);
  EXPECT_EQ(b.Forward(stream_), cudaSuccess);
  EXPECT_EQ(b.Backward(stream_), cudaSuccess);

  const at::Tensor leaf = Fp64Leaf(b.inputs), heads = Heads(leaf, s);
  Output(Scores(Turn(heads[0], b), Turn(heads[1], b)), heads[2], s).backward(Fp64(b.dout));
  const at::Tensor gradients = Heads(b.qkv, s), reference = Heads(leaf.grad(), s);
  ExpectNear("dq", gradients[0], reference[0]);
  ExpectNear("dk", gradients[1], reference[1]);
  ExpectNear("dv", gradients[2], reference[2]);
  EXPECT_TRUE(GuardIsWhole(b.qkv));
}

TEST_P(ShortAttentionKernel, StaysFiniteForLargeScores) {
  const Shape& s = GetParam();
  const Buffers b(s, 30);
  EXPECT_EQ(b.Forward(stream_), cudaSuccess);
  EXPECT_TRUE(IsFinite(b.log_sum_exp));
  EXPECT_TRUE(IsFinite(b.out));
  EXPECT_EQ(b.Backward(stream_), cudaSuccess);
  EXPECT_TRUE(IsFinite(b.qkv));
}

INSTANTIATE_TEST_SUITE_P(Shapes, ShortAttentionKernel, testing::ValuesIn(Shapes()), testing::PrintToStringParamName());

// More sequences than a launch's grid has: the last ones are as they are by themselves.
TEST(ShortAttention, TakesABatchOfManySequences) {
  if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
  const cudaStream_t stream = at::cuda::getCurrentCUDAStream();
  const Shape all{65'536, 8, 2, 32}, last{1, 8, 2, 32};
  const Buffers b(all);
  Buffers apart(last);
  apart.cos = b.cos;
  apart.sin = b.sin;
  apart.qkv.copy_(b.inputs.narrow(0, all.rows() - last.rows(), last.rows()));
  apart.dout.copy_(b.dout.narrow(0, all.rows() - last.rows(), last.rows()));
  for (const Buffers* one : {&b, static_cast<const Buffers*>(&apart)}) {
    EXPECT_EQ(one->Forward(stream), cudaSuccess);
    EXPECT_EQ(one->Backward(stream), cudaSuccess);
  }
  EXPECT_TRUE(at::equal(b.out.narrow(0, all.rows() - last.rows(), last.rows()), apart.out));
  EXPECT_TRUE(at::equal(b.qkv.narrow(0, all.rows() - last.rows(), last.rows()), apart.qkv));
  EXPECT_TRUE(at::equal(b.log_sum_exp.narrow(0, all.batch - 1, 1), apart.log_sum_exp));
  EXPECT_TRUE(IsFinite(b.out));
  EXPECT_TRUE(GuardIsWhole(b.out) && GuardIsWhole(b.qkv) && GuardIsWhole(b.log_sum_exp));
}

class ShortAttentionRefuses : public KernelTest<Shape> {};

TEST_P(ShortAttentionRefuses, AShapeWithoutAKernel) {
  const Buffers b(GetParam());
  EXPECT_EQ(b.Forward(stream_), cudaErrorInvalidValue);
  EXPECT_EQ(b.Backward(stream_), cudaErrorInvalidValue);
  EXPECT_TRUE(at::equal(b.qkv, b.inputs)) << "nothing is written";
  EXPECT_TRUE(b.out.isnan().all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(Shapes, ShortAttentionRefuses,
                         testing::Values(Shape{1, 257, 2, 64}, Shape{1, 129, 2, 128}, Shape{1, 8, 2, 24}),
                         testing::PrintToStringParamName());

TEST_P(ShortAttentionRefuses, ToBeSaidToRun) {
  EXPECT_FALSE(CanRunShortAttention(GetParam().context, GetParam().head_size));
}

TEST_P(ShortAttentionKernel, IsSaidToRun) {
  EXPECT_TRUE(CanRunShortAttention(GetParam().context, GetParam().head_size));
}

TEST(ShortAttention, HasTheHeadSizesOfTheModels) {
  for (const std::int64_t head_size : {32, 64, 80}) EXPECT_TRUE(HasShortAttention(256, head_size)) << head_size;
  EXPECT_FALSE(HasShortAttention(128, 24));
  EXPECT_FALSE(HasShortAttention(257, 64));
  EXPECT_FALSE(HasShortAttention(129, 128));
}

}  // namespace
}  // namespace tbench::kernels
