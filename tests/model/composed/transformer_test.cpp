#include "model/composed/transformer.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "model/composed/batch.h"
#include "model/composed/optimizer.h"
#include "model/spec/work.h"

namespace tbench {
namespace {

constexpr std::int64_t kContext = 12;
const ModelConfig kTiny = ModelTable().Find("tiny");

std::shared_ptr<Transformer> MakeTiny(Attention attention, torch::ScalarType type = torch::kFloat,
                                      std::uint64_t seed = 1) {
  auto model = std::make_shared<Transformer>(TransformerOptions{
      .config = kTiny, .context = kContext, .attention = attention, .tensors = torch::TensorOptions().dtype(type)});
  InitializeWeights(NamedParameters(*model), seed);
  return model;
}

double RelativeDistance(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).norm() / b.norm()).item<double>();
}

class EachAttention : public testing::TestWithParam<Attention> {};
INSTANTIATE_TEST_SUITE_P(All, EachAttention, testing::Values(Attention::kNaive, Attention::kSdpa),
                         [](const auto& suite) { return suite.param == Attention::kSdpa ? "Sdpa" : "Naive"; });

TEST_P(EachAttention, LetsNoLaterTokenChangeAnEarlierLogit) {
  const torch::NoGradGuard no_grad;
  const auto model = MakeTiny(GetParam());
  const Batch batch = RandomBatch(kTiny, 2, kContext, torch::kCPU, 1);
  const torch::Tensor before = model->Forward(batch.inputs);
  for (const std::int64_t position : {std::int64_t{1}, kContext / 2, kContext - 1}) {
    torch::Tensor changed = batch.inputs.clone();
    changed.select(1, position).add_(1).remainder_(kTiny.vocab);
    const torch::Tensor after = model->Forward(changed);
    EXPECT_TRUE(at::allclose(after.narrow(1, 0, position), before.narrow(1, 0, position), 1e-5, 1e-5)) << position;
    EXPECT_FALSE(at::allclose(after.select(1, position), before.select(1, position), 1e-5, 1e-5)) << position;
  }
}

TEST_P(EachAttention, GivesEveryParameterAGradient) {
  const auto model = MakeTiny(GetParam());
  const Batch batch = RandomBatch(kTiny, 2, kContext, torch::kCPU, 1);
  CrossEntropy(model->Forward(batch.inputs), batch.targets).backward();
  for (const auto& parameter : model->named_parameters()) {
    ASSERT_TRUE(parameter.value().grad().defined()) << parameter.key();
    EXPECT_GT(parameter.value().grad().abs().max().item<double>(), 0) << parameter.key();
  }
}

TEST(Transformer, ComputesTheSameWithEitherAttention) {
  const torch::NoGradGuard no_grad;
  const Batch batch = RandomBatch(kTiny, 2, kContext, torch::kCPU, 1);
  EXPECT_LE(RelativeDistance(MakeTiny(Attention::kSdpa)->Forward(batch.inputs),
                             MakeTiny(Attention::kNaive)->Forward(batch.inputs)),
            1e-5);
}

TEST(Positions, HoldAMaskOnlyWhereScoresAreMaterialized) {
  const auto future = Positions(3, 4, Attention::kNaive, torch::kCPU).future;
  EXPECT_TRUE(future.equal(torch::tensor({0, 1, 1, 0, 0, 1, 0, 0, 0}).view({3, 3}).to(torch::kBool)));
  EXPECT_FALSE(Positions(3, 4, Attention::kSdpa, torch::kCPU).future.defined()) << "T² bytes that nobody reads";
}

TEST(Transformer, HasThePublishedParameters) {
  const auto model = MakeTiny(Attention::kNaive);
  std::map<std::string, std::vector<std::int64_t>> expected{
      {"token_embeddings.weight", {10'000, 64}}, {"ln_final.weight", {64}}, {"lm_head.weight", {10'000, 64}}};
  for (const std::string layer : {"layers.0.", "layers.1."}) {
    for (const char* name : {"q_proj", "k_proj", "v_proj", "output_proj"}) {
      expected[layer + "attn." + name + ".weight"] = {64, 64};
    }
    expected[layer + "ffn.w1.weight"] = expected[layer + "ffn.w3.weight"] = {256, 64};
    expected[layer + "ffn.w2.weight"] = {64, 256};
    expected[layer + "ln1.weight"] = expected[layer + "ln2.weight"] = {64};
  }
  std::map<std::string, std::vector<std::int64_t>> actual;
  std::int64_t count = 0;
  for (const auto& parameter : model->named_parameters()) {
    actual[parameter.key()] = parameter.value().sizes().vec();
    count += parameter.value().numel();
  }
  EXPECT_EQ(actual, expected);
  EXPECT_EQ(count, ParameterCount(kTiny));
}

TEST(InitialWeights, AreTruncatedNormalsOfTheStatedWidth) {
  const auto model = MakeTiny(Attention::kNaive);
  // A normal cut at ±3 std keeps 0.98658 of its standard deviation.
  constexpr double kKept = 0.98658;
  for (const auto& parameter : model->named_parameters()) {
    const torch::Tensor& w = parameter.value();
    if (w.dim() == 1) {
      EXPECT_TRUE(w.eq(1).all().item<bool>()) << parameter.key();
      continue;
    }
    const bool embedding = parameter.key() == "token_embeddings.weight";
    const double std = embedding ? 1 : std::sqrt(2.0 / double(w.size(0) + w.size(1)));
    const double count = double(w.numel());
    EXPECT_LE(w.abs().max().item<double>(), 3 * std * (1 + 1e-6)) << parameter.key();
    EXPECT_NEAR(w.mean().item<double>(), 0, 5 * std / std::sqrt(count)) << parameter.key();
    EXPECT_NEAR(w.std().item<double>(), kKept * std, 5 * std / std::sqrt(2 * count)) << parameter.key();
    // So many draws come near to the cut.
    if (count > 100'000) {
      EXPECT_GT(w.abs().max().item<double>(), 2.9 * std) << parameter.key();
    }
  }
}

TEST(InitialWeights, DependOnTheSeedAlone) {
  const auto a = MakeTiny(Attention::kNaive)->parameters(), b = MakeTiny(Attention::kSdpa)->parameters();
  const auto bf16 = MakeTiny(Attention::kSdpa, torch::kBFloat16)->parameters();
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_TRUE(a[i].equal(b[i]));
    EXPECT_TRUE(a[i].to(torch::kBFloat16).equal(bf16[i]));
  }
  EXPECT_FALSE(a[0].equal(MakeTiny(Attention::kSdpa, torch::kFloat, 2)->parameters()[0]));
}

TEST(Batch, ShiftsTheTargetsByOneToken) {
  const Batch batch = RandomBatch(kTiny, 3, kContext, torch::kCPU, 5);
  EXPECT_EQ(batch.inputs.sizes(), (std::vector<std::int64_t>{3, kContext}));
  EXPECT_TRUE(batch.inputs.narrow(1, 1, kContext - 1).equal(batch.targets.narrow(1, 0, kContext - 1)));
  EXPECT_GE(batch.inputs.min().item<std::int64_t>(), 0);
  EXPECT_LT(batch.inputs.max().item<std::int64_t>(), kTiny.vocab);
  EXPECT_TRUE(batch.inputs.equal(RandomBatch(kTiny, 3, kContext, torch::kCPU, 5).inputs));
  EXPECT_FALSE(batch.inputs.equal(RandomBatch(kTiny, 3, kContext, torch::kCPU, 6).inputs));
}

TEST(RmsNorm, MultipliesByTheWeightBeforeItRounds) {
  const torch::NoGradGuard no_grad;
  RmsNorm norm(4, torch::TensorOptions().dtype(torch::kBFloat16));
  norm.weight.fill_(1.0078125);  // 1 + 2^-7: rounding the normalised value first would lose half of the results
  const torch::Tensor x = at::randn({64, 4}).to(torch::kBFloat16);
  const torch::Tensor y = x.to(torch::kFloat);
  const torch::Tensor expected = y / at::sqrt(y.square().mean(-1, true) + 1e-5) * 1.0078125;
  EXPECT_TRUE(norm.Forward(x).equal(expected.to(torch::kBFloat16)));
}

TEST(Rope, RotatesAdjacentPairsByTheStatedAngle) {
  const Positions positions(3, 4, Attention::kSdpa, torch::kCPU);
  const torch::Tensor x = torch::tensor({1.F, 0.F, 0.F, 2.F}).expand({1, 1, 3, 4});
  const torch::Tensor y = ApplyRope(x, positions)[0][0];
  for (int t = 0; t < 3; ++t) {
    const double slow = t / 100.0;  // θ^(−2/4) = 1/100
    EXPECT_NEAR(y[t][0].item<double>(), std::cos(t), 1e-6);
    EXPECT_NEAR(y[t][1].item<double>(), std::sin(t), 1e-6);
    EXPECT_NEAR(y[t][2].item<double>(), -2 * std::sin(slow), 1e-6);
    EXPECT_NEAR(y[t][3].item<double>(), 2 * std::cos(slow), 1e-6);
  }
}

TEST(AdamW, TakesTheStepsOfItsFormula) {
  torch::Tensor w = torch::tensor({0.5F, -2.F}).requires_grad_();
  AdamW adamw({w}, {});
  std::array<double, 2> weight{0.5, -2}, m{}, v{};
  for (int step = 1; step <= 3; ++step) {
    w.mutable_grad() = torch::tensor({0.1F * float(step), -3.F});
    adamw.Step();
    for (std::size_t i = 0; i < 2; ++i) {
      const double g = w.grad()[std::int64_t(i)].item<double>();
      m[i] = 0.9 * m[i] + 0.1 * g;
      v[i] = 0.999 * v[i] + 0.001 * g * g;
      weight[i] *= 1 - 1e-3 * 0.01;
      weight[i] -= 1e-3 * (m[i] / (1 - std::pow(0.9, step))) / (std::sqrt(v[i] / (1 - std::pow(0.999, step))) + 1e-8);
      EXPECT_NEAR(w[std::int64_t(i)].item<double>(), weight[i], 1e-6) << "step " << step;
    }
  }
}

TEST(AdamW, KeepsFp32MastersOfBf16Weights) {
  torch::Tensor w = torch::tensor({1.F}).to(torch::kBFloat16).requires_grad_();
  AdamW adamw({w}, {});
  for (int step = 0; step < 3; ++step) {
    w.mutable_grad() = torch::tensor({1.F}).to(torch::kBFloat16);
    adamw.Step();
  }
  // Steps of 1e-3 from 1 are lost in BF16, whose neighbours of 1 are 0.0039 apart, and add up in FP32.
  EXPECT_NEAR(adamw.masters()[0].item<double>(), 1 - 3e-3 - 3e-5, 1e-6);
  EXPECT_EQ(w.scalar_type(), torch::kBFloat16);
  EXPECT_TRUE(w.equal(adamw.masters()[0].to(torch::kBFloat16)));
}

}  // namespace
}  // namespace tbench
