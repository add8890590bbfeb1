#include "analysis/tables/text.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(Text, HasAsManyDigitsAsSaySomething) {
  EXPECT_EQ(Digits(1452.6), "1453");
  EXPECT_EQ(Digits(999.96), "1000");
  EXPECT_EQ(Digits(114.64), "114.6");
  EXPECT_EQ(Digits(38.606), "38.61");
  EXPECT_EQ(Digits(6.6), "6.60");
  EXPECT_EQ(Digits(0.31234), "0.312");
  EXPECT_EQ(Digits(0.03124), "0.0312");
  EXPECT_EQ(Digits(-38.606), "-38.61");
  EXPECT_EQ(Milliseconds(38'606), "38.61");
}

TEST(Text, HasUnits) {
  EXPECT_EQ(Percent(0.634), "63 %");
  EXPECT_EQ(Percent(0.0421), "4.2 %");
  EXPECT_EQ(Duration(1'250'000), "1.25 s");
  EXPECT_EQ(Duration(420'000), "420.0 ms");
  EXPECT_EQ(Duration(6640), "6.64 ms");
  EXPECT_EQ(Duration(6.4), "6.40 µs");
  EXPECT_EQ(Bytes(13.63e9), "13.63 GB");
  EXPECT_EQ(Bytes(514.5e6), "514.5 MB");
  EXPECT_EQ(Bytes(12), "12 B");
  EXPECT_EQ(Count(3'406'809'600), "3.41 B");
  EXPECT_EQ(Count(1'411'392), "1.41 M");
  EXPECT_EQ(Count(999), "999");
}

TEST(Text, JoinsWords) {
  EXPECT_EQ(Plural(1, "case"), "1 case");
  EXPECT_EQ(Plural(0, "case"), "0 cases");
  EXPECT_EQ(Enumeration({}), "");
  EXPECT_EQ(Enumeration({"a"}), "a");
  EXPECT_EQ(Enumeration({"a", "b", "c"}), "a, b and c");
}

TEST(CaseInWords, NamesOnlyWhatIsNotTheDefault) {
  EXPECT_EQ(CaseInWords({.model = "large", .context = 128, .warmups = 5}), "large, 128, forward, 5 warm-ups");
  EXPECT_EQ(CaseInWords({.model = "2.7B",
                         .context = 256,
                         .pass = Pass::kTrainStep,
                         .precision = Precision::kBf16,
                         .attention = Attention::kSdpa,
                         .batch = 8,
                         .warmups = 1}),
            "2.7B, 256, train_step, bf16, sdpa, batch 8, 1 warm-up");
}

TEST(Slug, HoldsOnlyWhatAFilesNameMay) {
  EXPECT_EQ(Slug("trials 2.7B forward_backward, batch 8"), "trials-2-7b-forward-backward-batch-8");
  EXPECT_EQ(Slug("../../x"), "x");
  EXPECT_EQ(Slug("Where the time goes?"), "where-the-time-goes");
}

TEST(FirstCharacters, AreWholeOnes) {
  EXPECT_EQ(FirstCharacters("größer", 3), "grö");
  EXPECT_EQ(FirstCharacters("größer", 6), "größer");
  EXPECT_EQ(FirstCharacters("größer", 0), "");
}

TEST(CharacterCount, CountsCharactersOfSeveralBytesOnce) { EXPECT_EQ(CharacterCount("größer…"), 7u); }

}  // namespace
}  // namespace tbench
