#include "model/spec/footprint.h"

#include <gtest/gtest.h>

#include <cmath>

namespace tbench {
namespace {

// B = 1, T = 2, d = 4, f = 8, V = 16, L = 1, h = 1: n = 2, nd = 8, nf = 16, nV = 32, S = 4, N = 300.
constexpr ModelConfig kToy{.vocab = 16, .d_model = 4, .d_ff = 8, .layers = 1, .heads = 1};

TEST(Footprint, IsTheFormulasOfItsComment) {
  ASSERT_EQ(ParameterCount(kToy), 300);
  StepSpec c{.config = kToy, .batch = 1, .context = 2};
  // Kept: layer 2·12·8 + 16·8 + 16·16 + 4·4 = 592, last norm 96, log-softmax 128. Logits 128. Weights 1200.
  EXPECT_EQ(PredictedPeakBytes(c), 1200 + 592 + 96 + 128 + 128);
  c.pass = Pass::kForwardBackward;  // at its start 592 + 96 + 128 + 256 beside the weights, at its end the gradients
  EXPECT_EQ(PredictedPeakBytes(c), 1200 + 1200);
  c.pass = Pass::kTrainStep;
  EXPECT_EQ(PredictedPeakBytes(c), double(TrainingStateBytes(kToy)));
  c.attention = Attention::kSdpa;
  c.pass = Pass::kForward;
  EXPECT_EQ(PredictedPeakBytes(c), 1200 + 592 - 16 + 96 + 128 + 128);
  c.precision = Precision::kBf16;
  // Kept: layer 2·10·8 + 8·8 + 8·16 = 352, last norm 80, log-softmax 128. Logits 64 + 128. Weights 600.
  EXPECT_EQ(PredictedPeakBytes(c), 600 + 352 + 80 + 128 + 192);
  c.attention = Attention::kNaive;  // and 6·4 of scores
  EXPECT_EQ(PredictedPeakBytes(c), 600 + 352 + 24 + 80 + 128 + 192);
  c.attention = Attention::kSdpa;
  c.pass = Pass::kTrainStep;  // weights, moments, masters, gradients, a chunk of casts
  EXPECT_EQ(PredictedPeakBytes(c), 600 + 2400 + 1200 + 600 + 1200);
}

TEST(Footprint, OfALongContextIsThatOfTheLastLayersScores) {
  // nd = 4000, S = 10^6: weights, one norm, attention, and scores raw, masked and softmaxed.
  EXPECT_EQ(PredictedPeakBytes({.config = kToy, .batch = 1, .context = 1000}), 1200 + 12 * 4000 + 16 * 4000 + 12e6);
}

TEST(Footprint, GrowsWithTheSquareOfTheContextForMaterializedScoresAlone) {
  const ModelConfig small = ModelTable().Find("small");
  const auto growth = [&](Attention attention) {
    StepSpec c{.config = small, .batch = 4, .context = 8192, .attention = attention};
    const double one = PredictedPeakBytes(c);
    c.context *= 2;
    return PredictedPeakBytes(c) / one;
  };
  EXPECT_GT(growth(Attention::kNaive), 3.5);
  EXPECT_LT(growth(Attention::kSdpa), 2.01);
}

}  // namespace
}  // namespace tbench
