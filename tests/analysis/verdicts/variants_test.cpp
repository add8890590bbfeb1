#include "analysis/verdicts/variants.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Optional;

const Case kSeed{.model = "small", .context = 128, .warmups = 5};
const Case kModern{.model = "small",
                   .context = 128,
                   .precision = Precision::kBf16,
                   .attention = Attention::kSdpa,
                   .kernels = Kernels::kFused,
                   .launch = Launch::kGraph,
                   .warmups = 5};

Case With(Case c, void (*change)(Case&)) {
  change(c);
  return c;
}

std::vector<Variants> Of(const std::vector<Record>& records) { return SideBySide(Judge(records, {})); }

std::vector<std::string> NamesOf(const Variants& variants) {
  std::vector<std::string> names;
  for (const Variant& variant : variants) names.push_back(variant.name);
  return names;
}

TEST(Variants, OfAStepBeginWithThePublishedTablesWhichSpeedUpsAreOver) {
  const auto steps = Of({TestRecord(kModern, {2, 2, 2}), TestRecord(kSeed, {50, 60, 70})});
  ASSERT_EQ(steps.size(), 1);
  EXPECT_THAT(NamesOf(steps[0]), ElementsAre("fp32 naive composed eager", "bf16 sdpa fused graph"));
  EXPECT_THAT(steps[0][0].speed_up, Optional(1));
  EXPECT_THAT(steps[0][1].speed_up, Optional(30));
}

TEST(Variants, AreOfCasesWithTheSameModelContextPassAndBatch) {
  for (const Case& other :
       {With(kModern, [](Case& c) { c.model = "medium"; }), With(kModern, [](Case& c) { c.context = 256; }),
        With(kModern, [](Case& c) { c.pass = Pass::kTrainStep; }), With(kModern, [](Case& c) { c.batch = 8; })}) {
    EXPECT_THAT(Of({TestRecord(kSeed, {1}), TestRecord(other, {1})}), IsEmpty()) << CaseName(other);
  }
  EXPECT_THAT(Of(ReferenceRecords()), IsEmpty()) << "of one variant";
}

TEST(Variants, AreTheGoodCasesWithTheMostWarmUps) {
  const Case one = With(kSeed, [](Case&c) { c.warmups = 1; }), nine = With(kSeed, [](Case&c) { c.warmups = 9; });
  const auto steps = Of({FailedTestRecord(nine, "crashed: x"), TestRecord(one, {7}), TestRecord(kSeed, {8}),
                         FailedTestRecord(kModern, "crashed: x")});
  ASSERT_EQ(steps.size(), 1);
  EXPECT_EQ(steps[0][0].judged.record.c, kSeed);
  EXPECT_TRUE(steps[0][1].judged.record.error) << "no case of it is good";
}

TEST(Variants, AreComparedWithTheFirstThatDidNotFail) {
  const Case sdpa = With(kSeed, [](Case& c) { c.attention = Attention::kSdpa; });
  const auto steps =
      Of({FailedTestRecord(kSeed, "out_of_memory: x"), TestRecord(sdpa, {20}), TestRecord(kModern, {10})});
  ASSERT_EQ(steps.size(), 1);
  EXPECT_FALSE(steps[0][0].speed_up);
  EXPECT_THAT(steps[0][1].speed_up, Optional(1));
  EXPECT_THAT(steps[0][2].speed_up, Optional(2));
}

}  // namespace
}  // namespace tbench
