#include "model/spec/work.h"

#include <gtest/gtest.h>

#include <array>

namespace tbench {
namespace {

struct Expected {
  const char* model;
  std::int64_t parameters;
  std::array<double, 3> forward_tflop;  // batch 4, context 128, 256, 1024, all pairs; 0: not published
};
void PrintTo(const Expected& expected, std::ostream* out) { *out << expected.model; }

class PublishedCounts : public testing::TestWithParam<Expected> {};

TEST_P(PublishedCounts, AreReproduced) {
  const ModelConfig config = ModelTable().Find(GetParam().model);
  EXPECT_EQ(ParameterCount(config), GetParam().parameters);
  constexpr std::array<std::int64_t, 3> kContexts{128, 256, 1024};
  for (std::size_t i = 0; i < kContexts.size(); ++i) {
    if (GetParam().forward_tflop[i] == 0) continue;
    EXPECT_NEAR(ForwardFlops({.config = config, .batch = 4, .context = kContexts[i]}, AttentionPairs::kAll) / 1e12,
                GetParam().forward_tflop[i], 5e-5);
  }
}

INSTANTIATE_TEST_SUITE_P(All, PublishedCounts,
                         testing::Values(Expected{"tiny", 1'411'392, {}}, Expected{"mini", 9'316'608, {}},
                                         Expected{"small", 128'625'408, {0.1262, 0.2573, 1.1452}},
                                         Expected{"medium", 423'183'360, {0.4292, 0.8714, 3.7947}},
                                         Expected{"large", 969'411'840, {0.9916, 2.0073, 8.6089}},
                                         Expected{"xl", 1'998'235'200, {2.0498, 4.1398, 17.5257}},
                                         Expected{"2.7B", 3'406'809'600, {3.4837, 7.0103, 29.0719}}));

TEST(Flops, OfOneTinyForwardPassEqualTheSumWrittenOut) {
  const ModelConfig m{.vocab = 10, .d_model = 4, .d_ff = 8, .layers = 1, .heads = 2};
  // 6 tokens: 4 projections of 4x4, 3 of 4x8, the head of 4x10; 2 sequences of 3 tokens, 4 FLOPs a pair and element.
  StepSpec step{.config = m, .batch = 2, .context = 3};
  EXPECT_EQ(ForwardFlops(step, AttentionPairs::kAll), 2 * 6 * (4 * 16 + 3 * 32 + 40) + 4 * 2 * 9 * 4);
  EXPECT_EQ(ForwardFlops(step, AttentionPairs::kCausal), 2 * 6 * (4 * 16 + 3 * 32 + 40) + 4 * 2 * 6 * 4);
  EXPECT_EQ(StepFlops(step, AttentionPairs::kAll), ForwardFlops(step, AttentionPairs::kAll));
  for (const Pass pass : {Pass::kForwardBackward, Pass::kTrainStep}) {
    step.pass = pass;
    EXPECT_EQ(StepFlops(step, AttentionPairs::kAll), 3 * ForwardFlops(step, AttentionPairs::kAll));
  }
}

TEST(Flops, AreExecutedForAllPairsWhereScoresAreMaterialized) {
  EXPECT_EQ(ExecutedPairs(Attention::kNaive), AttentionPairs::kAll);
  EXPECT_EQ(ExecutedPairs(Attention::kSdpa), AttentionPairs::kCausal);
  EXPECT_EQ(ExecutedPairs(Attention::kFlash), AttentionPairs::kCausal);
}

TEST(Bytes, ThatAStepMustMoveGrowWithWhatItDoes) {
  StepSpec step{.config = ModelTable().Find("tiny"), .batch = 1, .context = 8};
  const auto n = double(ParameterCount(step.config));
  EXPECT_EQ(MinimalStepBytes(step), 4 * n);
  step.pass = Pass::kForwardBackward;
  EXPECT_EQ(MinimalStepBytes(step), 12 * n);
  step.precision = Precision::kBf16;
  EXPECT_EQ(MinimalStepBytes(step), 6 * n);
  step.pass = Pass::kTrainStep;
  EXPECT_EQ(MinimalStepBytes(step), (6 + 28) * n);
}

TEST(Bytes, AreThoseOfTheTable) {
  const ModelConfig large = ModelTable().Find("2.7B");
  EXPECT_NEAR(double(WeightBytes(large, 4)) / 1e9, 13.63, 0.005);
  EXPECT_EQ(TrainingStateBytes(large), 16 * ParameterCount(large));
  EXPECT_EQ(AdamWTrafficBytes(large), 28 * ParameterCount(large));
}

}  // namespace
}  // namespace tbench
