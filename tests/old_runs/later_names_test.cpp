// Names and reports once an axis and a model's key came later.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/report/summary.h"
#include "analysis/tables/csv.h"
#include "analysis/verdicts/variants.h"
#include "benchmarks/names/grid.h"
#include "benchmarks/names/peer.h"
#include "model/support/input_error.h"
#include "tests/analysis/test_records.h"
#include "tests/old_runs/later_tables.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

const std::string kName =
    "transformer_step/model:small/context:128/pass:forward/precision:fp32/attention:naive/kernels:composed/"
    "launch:eager/batch:4/warmups:5";
const std::string kSuffix = "/iterations:1/repeats:10/manual_time";
const Case kCase{.model = "small", .context = 128, .warmups = 5};

TEST(LaterAxis, IsInANameOnlyWhereItsValueIsNotTheAbsentOne) {
  EXPECT_EQ(CaseName(kCase), kName);
  EXPECT_EQ(CaseName(WithRanks(kCase, 8)), kName + "/ranks:8");
  EXPECT_EQ(Slug(kCase).find("ranks"), std::string::npos);
  EXPECT_THAT(Slug(WithRanks(kCase, 8)), EndsWith("+ranks=8"));
}

TEST(LaterAxis, IsTheAbsentValueInANameWithoutIt) {
  EXPECT_EQ(ParseCaseName(kName), WithRanks(kCase, 1));
  EXPECT_EQ(ParseCaseName(kName + kSuffix), WithRanks(kCase, 1));
  EXPECT_EQ(ParseCaseName(kName + "/ranks:8" + kSuffix), WithRanks(kCase, 8));
  EXPECT_EQ(ParseCaseName(kName + "/ranks:1"), WithRanks(kCase, 1)) << "spelled out, the same case";
}

TEST(LaterAxis, IsRefusedWhereItIsWrong) {
  const auto parse = [](const std::string& end) { return [end] { ParseCaseName(kName + end); }; };
  EXPECT_THAT(parse("/ranks:0"), ThrowsMessage<InputError>(HasSubstr("at least 1")));
  EXPECT_THAT(parse("/ranks:"), ThrowsMessage<InputError>(HasSubstr("expected ranks:VALUE")));
  EXPECT_THAT(parse("/ranks:2/ranks:2"), ThrowsMessage<InputError>(HasSubstr("'ranks:2' is no axis")));
  EXPECT_THAT(parse("/ranks_:2"), ThrowsMessage<InputError>(HasSubstr("'ranks_:2' is no axis")));
}

TEST(LaterAxis, OfAGridIsTheAbsentOneUnlessAFlagSaysOtherwise) {
  const GridOptions quick{.preset = "quick", .own_models = {}, .axes = {}};
  for (const Case& c : BuildGrid(quick, false).cases) EXPECT_EQ(c, WithRanks(c, 1));
  GridOptions both = quick;
  both.axes["ranks"] = "1,8";
  EXPECT_EQ(BuildGrid(both, false).cases.size(), 2 * BuildGrid(quick, false).cases.size());
}

TEST(LaterAxis, OfAPeerFollowsTheSameRule) {
  const std::string name =
      "peer/implementation:compile/model:small/context:128/pass:forward/precision:bf16/batch:4/warmups:5";
  EXPECT_EQ(PeerName(ParsePeerName(name + kSuffix)), name);
  EXPECT_EQ(PeerName(ParsePeerName(name + "/ranks:8")), name + "/ranks:8");
}

TEST(LaterAxis, TellsVariantsApartInTheOrderOfItsNumbers) {
  std::vector<Record> records;
  for (const std::int64_t ranks : {10, 2, 1}) records.push_back(TestRecord(WithRanks(kCase, ranks), {double(ranks)}));
  const std::vector<Variants> steps = SideBySide(Judge(records, {}), {});
  ASSERT_EQ(steps.size(), 1);
  std::vector<std::string> names;
  for (const Variant& variant : steps[0]) names.push_back(variant.name);
  EXPECT_THAT(names, ElementsAre("fp32 naive composed eager", "fp32 naive composed eager ranks 2",
                                 "fp32 naive composed eager ranks 10"));
}

TEST(LaterAxis, IsTheLastColumnOfACsvWhereCasesDiffer) {
  const std::vector<Record> one{TestRecord(kCase, {1})};
  std::vector<Record> two = one;
  two.push_back(TestRecord(WithRanks(kCase, 8), {1}));
  for (const auto table : {CompleteResultsUnrounded, TrialsTable}) {
    const std::string before = ToCsv(table(one)), after = ToCsv(table(two));
    EXPECT_THAT(before, Not(HasSubstr("ranks")));
    const std::string header = before.substr(0, before.find_first_of("\r\n"));
    EXPECT_TRUE(after.starts_with(header + ",ranks")) << after;
  }
}

TEST(LaterKey, IsInATextOnlyWhereItsValueIsNotTheAbsentOne) {
  const ModelConfig config{.vocab = 5, .d_model = 4, .d_ff = 16, .layers = 1, .heads = 2};
  EXPECT_EQ(ToString(config), "vocab:5,d_model:4,layers:1,heads:2");
  EXPECT_EQ(ParseModelConfig("vocab:5,d_model:4,layers:1,heads:2"), config);
  EXPECT_EQ(ParseModelConfig("kv_heads:2,vocab:5,d_model:4,d_ff:16,layers:1,heads:2"), config) << "spelled out";
  ModelConfig narrow = config;
  narrow.d_ff = 8;
  EXPECT_EQ(ToString(narrow), "vocab:5,d_model:4,layers:1,heads:2,d_ff:8");
  EXPECT_EQ(ParseModelConfig(ToString(narrow)), narrow);
}

}  // namespace
}  // namespace tbench
