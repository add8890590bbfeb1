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

std::vector<Variants> Of(const std::vector<Record>& records, const std::vector<Record>& peers = {}) {
  return SideBySide(Judge(records, {}), Judge(peers, {}));
}

Record TestPeer(const std::string& implementation, Precision precision, const std::vector<double>& times_ms) {
  Record record = TestRecord(kSeed, times_ms);
  record.c.precision = precision;
  record.implementation = implementation;
  return record;
}

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

TEST(Variants, OfPeersComeLastInTheirPrecision) {
  const auto steps = Of({TestRecord(kModern, {2}), TestRecord(kSeed, {60})},
                        {TestPeer("max_autotune", Precision::kBf16, {5}),
                         TestPeer("compile_graph", Precision::kBf16, {4}), TestPeer("eager", Precision::kFp32, {50})});
  ASSERT_EQ(steps.size(), 1);
  EXPECT_THAT(NamesOf(steps[0]), ElementsAre("fp32 naive composed eager", "fp32 PyTorch eager", "bf16 sdpa fused graph",
                                             "bf16 PyTorch compile_graph", "bf16 PyTorch max_autotune"));
  EXPECT_THAT(steps[0][4].speed_up, Optional(12));
}

TEST(Variants, AreComparedWithTheFastestGoodPeerOfTheirPrecision) {
  const Case fp32x3 = With(kModern, [](Case& c) { c.precision = Precision::kFp32x3; });
  const Case tf32 = With(kModern, [](Case& c) { c.precision = Precision::kTf32; });
  Record failed = TestPeer("compile", Precision::kBf16, {});
  failed.error = "crashed: x";
  const auto steps =
      Of({TestRecord(kModern, {2}), TestRecord(fp32x3, {10}), TestRecord(tf32, {5})},
         {TestPeer("sdpa", Precision::kBf16, {8}), TestPeer("compile_graph", Precision::kBf16, {4}),
          TestPeer("whole_graph", Precision::kBf16, {5}), failed, TestPeer("eager", Precision::kFp32, {50})});
  std::vector<std::optional<double>> ratios;
  for (const Variant& variant : steps.at(0)) ratios.push_back(variant.over_peer);
  EXPECT_THAT(ratios, ElementsAre(std::nullopt, /*fp32x3*/ Optional(5), /*tf32*/ std::nullopt, /*bf16*/ Optional(2),
                                  std::nullopt, std::nullopt, std::nullopt, std::nullopt));
}

TEST(Variants, ShowAPeerAlsoWhereItIsAlone) {
  EXPECT_EQ(Of({}, {TestPeer("eager", Precision::kFp32, {50})}).size(), 1);
}

TEST(PeerRemarks, TellOfACompiledPeerThatIsSlowerThanEager) {
  const auto remarks = [](double compiled_ms) {
    return PeerRemarks(
        Of({}, {TestPeer("eager", Precision::kBf16, {10}), TestPeer("compile", Precision::kBf16, {compiled_ms}),
                TestPeer("sdpa", Precision::kFp32, {90})}),
        /*strongest_runs_here=*/false);
  };
  EXPECT_THAT(remarks(10.4), IsEmpty());
  EXPECT_THAT(remarks(12),
              ElementsAre("`bf16 PyTorch compile` is slower than `eager`: small at 128, forward (1.20 times)."));
}

TEST(PeerRemarks, TellWhereTheStrongestWasNotMeasured) {
  const std::vector<Record> weak{TestPeer("compile_graph", Precision::kBf16, {4})};
  std::vector<Record> strong = weak;
  strong.push_back(TestPeer("merged_graph", Precision::kBf16, {3}));
  EXPECT_EQ(PeerRemarks(SideBySide({}, Judge(strong, {})), true).size(), 1) << "the other may be faster";
  Record failed = TestPeer("whole_graph", Precision::kBf16, {});
  failed.error = "out_of_memory: x";
  std::vector<Record> partly = strong;
  partly.push_back(failed);
  EXPECT_EQ(PeerRemarks(SideBySide({}, Judge(partly, {})), true).size(), 1) << "one that failed was not measured";
  strong.push_back(TestPeer("whole_graph", Precision::kBf16, {3}));
  const std::vector<Record> ours{TestRecord(kModern, {2})};
  EXPECT_THAT(
      PeerRemarks(Of(ours, weak), true),
      ElementsAre("The strongest peers, `whole_graph` and `merged_graph`, were not all measured, so `over peer` is "
                  "an upper bound: "
                  "small at 128, forward."));
  EXPECT_THAT(PeerRemarks(Of(ours, weak), false), IsEmpty()) << "it does not run on a CPU";
  EXPECT_THAT(PeerRemarks(Of(ours, strong), true), IsEmpty());
  EXPECT_THAT(PeerRemarks(Of(ours), true), IsEmpty()) << "no peers at all";
}

}  // namespace
}  // namespace tbench
