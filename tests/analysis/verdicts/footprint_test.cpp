#include "analysis/verdicts/footprint.h"

#include <gtest/gtest.h>

#include <cmath>

#include "analysis/read/trials.h"
#include "model/spec/work.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

// B = 1, T = 2, d = 4, f = 8, V = 16, L = 1, h = 1: n = 2, nd = 8, nf = 16, nV = 32, S = 4, N = 300.
constexpr ModelConfig kToy{.vocab = 16, .d_model = 4, .d_ff = 8, .layers = 1, .heads = 1};

TEST(Footprint, IsTheFormulasOfItsComment) {
  ASSERT_EQ(ParameterCount(kToy), 300);
  Case c{.context = 2, .batch = 1};
  // Kept: layer 2·12·8 + 16·8 + 16·16 + 4·4 = 592, last norm 96, log-softmax 128. Logits 128. Weights 1200.
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 1200 + 592 + 96 + 128 + 128);
  c.pass = Pass::kForwardBackward;  // at its start 592 + 96 + 128 + 256 beside the weights, at its end the gradients
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 1200 + 1200);
  c.pass = Pass::kTrainStep;
  EXPECT_EQ(PredictedPeakBytes(c, kToy), double(TrainingStateBytes(kToy)));
  c.attention = Attention::kSdpa;
  c.pass = Pass::kForward;
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 1200 + 592 - 16 + 96 + 128 + 128);
  c.precision = Precision::kBf16;
  // Kept: layer 2·10·8 + 8·8 + 8·16 = 352, last norm 80, log-softmax 128. Logits 64 + 128. Weights 600.
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 600 + 352 + 80 + 128 + 192);
  c.attention = Attention::kNaive;  // and 6·4 of scores
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 600 + 352 + 24 + 80 + 128 + 192);
  c.attention = Attention::kSdpa;
  c.pass = Pass::kTrainStep;  // weights, moments, masters, gradients, a chunk of casts
  EXPECT_EQ(PredictedPeakBytes(c, kToy), 600 + 2400 + 1200 + 600 + 1200);
}

TEST(Footprint, OfALongContextIsThatOfTheLastLayersScores) {
  // nd = 4000, S = 10^6: weights, one norm, attention, and scores raw, masked and softmaxed.
  EXPECT_EQ(PredictedPeakBytes({.context = 1000, .batch = 1}, kToy), 1200 + 12 * 4000 + 16 * 4000 + 12e6);
}

TEST(Footprint, GrowsWithTheSquareOfTheContextForWrittenScoresAlone) {
  const ModelConfig small = ModelTable().Find("small");
  const auto growth = [&](Attention attention) {
    Case c{.model = "small", .context = 8192, .attention = attention};
    const double one = *PredictedPeakBytes(c, small);
    c.context *= 2;
    return *PredictedPeakBytes(c, small) / one;
  };
  EXPECT_GT(growth(Attention::kNaive), 3.5);
  EXPECT_LT(growth(Attention::kSdpa), 2.01);
}

TEST(Footprint, OfFusedKernelsIsNotPredicted) {
  EXPECT_FALSE(PredictedPeakBytes({.context = 2, .kernels = Kernels::kFused}, kToy));
}

TEST(Footprint, IsWithinTenPercentOfAllMeasuredPeaks) {
  double worst = 0;
  for (const Record& record : PublishedRecords()) {
    const double predicted = *PredictedPeakBytes(record.c, record.config);
    const double excess = *LastOf(record, "peak_allocated_bytes") / predicted - 1;
    EXPECT_GT(excess, 0) << CaseName(record.c);  // workspaces and rounding come on top
    worst = std::max(worst, excess);
  }
  EXPECT_LT(worst, 0.1);
  RecordProperty("worst_percent", std::to_string(100 * worst));
}

}  // namespace
}  // namespace tbench
