#include "analysis/read/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks/names/peer.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const Case kSmall{.model = "small", .context = 128, .warmups = 5};
const Case kMedium{.model = "medium", .context = 128, .warmups = 5};
const Case kMine{.model = "mine", .context = 128, .warmups = 5};

// The rows of a case of as many trials as times.
std::vector<Row> RowsOf(const Case& c, const std::vector<double>& times_us) {
  std::vector<Row> rows;
  for (const double time : times_us) {
    rows.push_back({.name = RowName(c, std::int64_t(times_us.size())),
                    .repetitions = std::int64_t(times_us.size()),
                    .repetition_index = std::int64_t(rows.size()),
                    .real_time_us = time});
  }
  return rows;
}

RunFile RunOf(const std::vector<std::vector<Row>>& cases) {
  RunFile run;
  for (const auto& rows : cases) run.rows.insert(run.rows.end(), rows.begin(), rows.end());
  return run;
}

std::vector<std::string> CasesOf(const std::vector<Record>& records) {
  std::vector<std::string> names;
  for (const Record& record : records) names.push_back(CaseName(record.c));
  return names;
}

std::vector<double> TimesOf(const Record& record) {
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us);
  return times;
}

TEST(Records, HoldACaseWithItsModelAndItsTrialsInOrder) {
  std::vector<Row> rows = RowsOf(kSmall, {3, 1, 2});
  rows[0].label = "attention_backend:math";
  rows[1].counters = {{"loss", 9.25}};
  const auto [records, peers, problems] = ToRecords({RunOf({rows})});
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_EQ(records[0].c, kSmall);
  EXPECT_EQ(records[0].config, ModelTable().Find("small"));
  EXPECT_EQ(records[0].label, "attention_backend:math");
  EXPECT_EQ(AttentionBackendOf(records[0]), "math");
  EXPECT_EQ(AttentionBackendOf({.label = "attention_backend:cudnn, other:x"}), "cudnn");
  EXPECT_EQ(AttentionBackendOf({.label = "other:x"}), "");
  EXPECT_FALSE(records[0].error);
  EXPECT_THAT(records[0].trials, ElementsAre(TimedTrial{3, {}}, TimedTrial{1, {{"loss", 9.25}}}, TimedTrial{2, {}}));
}

TEST(Records, ComeInTheOrderOfTheFiles) {
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kMedium, {1})}), RunOf({RowsOf(kSmall, {2})})});
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(CasesOf(records), SizeIs(2));
  EXPECT_EQ(records[0].c, kMedium);
  EXPECT_EQ(records[1].c, kSmall);
}

TEST(Records, OfACaseWithOneFailedTrialFailedWithItsFirstReason) {
  std::vector<Row> rows = RowsOf(kSmall, {3, 0, 0});
  rows[1].error = "out_of_memory: first";
  rows[2].error = "failed: second";
  const auto [records, peers, problems] = ToRecords({RunOf({rows})});
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_EQ(records[0].error, "out_of_memory: first");
  EXPECT_THAT(TimesOf(records[0]), ElementsAre(3));
}

TEST(Records, OfAFailedCaseAreKeptThoughTrialsAreMissing) {
  std::vector<Row> rows = RowsOf(kSmall, {3, 0, 0});
  rows[1].error = "crashed: signal 11";
  rows.pop_back();
  const auto [records, peers, problems] = ToRecords({RunOf({rows})});
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT(CasesOf(records), SizeIs(1));
}

TEST(Records, LackCasesWithFewerTrialsThanTheyWereToHave) {
  std::vector<Row> cut = RowsOf(kSmall, {1, 2, 3});
  cut.pop_back();
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kMedium, {1, 2, 3}), cut})});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_EQ(records[0].c, kMedium);
  EXPECT_THAT(problems, ElementsAre(CaseName(kSmall) + ": only 2 of 3 trials can be read; left out"));
}

TEST(Records, LackCasesWhoseTrialsAreNotOneStep) {
  std::vector<Row> iterations = RowsOf(kSmall, {1, 2}), threads = RowsOf(kMedium, {1, 2});
  for (Row& row : iterations) row.iterations = 1000;
  threads[1].threads = 8;
  const auto [records, peers, problems] = ToRecords({RunOf({iterations, threads})});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("its rows have iterations 1000 and threads 1"),
                                    HasSubstr("its rows have iterations 1 and threads 8"),
                                    HasSubstr("only 1 of 2 trials can be read")));
}

TEST(Records, LackCasesWithATrialWithoutATime) {
  std::vector<Row> rows = RowsOf(kSmall, {1, 2});
  rows[1].real_time_us.reset();
  const auto [records, peers, problems] = ToRecords({RunOf({rows})});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(CaseName(kSmall) + ": only 1 of 2 trials can be read; left out"));
}

TEST(Records, LackCasesWithoutAnyTrialWhateverTheFileSaysThereWere) {
  std::vector<Row> rows = RowsOf(kSmall, {1});
  rows[0].real_time_us.reset();
  rows[0].repetitions = 0;
  const auto [records, peers, problems] = ToRecords({RunOf({rows})});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("left out")));
}

TEST(Records, HoldTheFirstOfACaseThatComesTwiceInAFile) {
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kSmall, {1, 2}), RowsOf(kSmall, {3, 4})})});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(TimesOf(records[0]), ElementsAre(1, 2));
  EXPECT_THAT(problems, ElementsAre(CaseName(kSmall) + ": occurs twice; the first counts"));
}

TEST(Records, NeverMixTheTrialsOfACaseThatComesTwiceInAFile) {
  std::vector<Row> cut = RowsOf(kSmall, {1, 2, 3});
  cut.pop_back();
  const auto [records, peers, problems] = ToRecords({RunOf({cut, RowsOf(kSmall, {4, 5, 6})})});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("occurs twice"), HasSubstr("only 2 of 3 trials")));
}

TEST(Records, HoldTheFirstOfACaseThatComesInTwoFiles) {
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kSmall, {1, 2})}), RunOf({RowsOf(kSmall, {3, 4})})});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(TimesOf(records[0]), ElementsAre(1, 2));
  EXPECT_THAT(problems, ElementsAre(CaseName(kSmall) + ": occurs in several files; the first counts"));
}

TEST(Records, HoldTheCompleteOneOfACaseThatIsCutInAnotherFile) {
  std::vector<Row> cut = RowsOf(kSmall, {1, 2});
  cut.pop_back();
  const auto [records, peers, problems] = ToRecords({RunOf({cut}), RunOf({RowsOf(kSmall, {3, 4})})});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(TimesOf(records[0]), ElementsAre(3, 4));
  EXPECT_THAT(problems, ElementsAre(HasSubstr("only 1 of 2 trials")));
}

TEST(Records, TakeACaseUnderAnotherTrialCountForTheSame) {
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kSmall, {1, 2}), RowsOf(kSmall, {3, 4, 5})})});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(TimesOf(records[0]), ElementsAre(1, 2));
  EXPECT_THAT(problems, ElementsAre(HasSubstr("occurs twice")));
}

TEST(Records, LeaveOtherReportsRowsAloneWithoutAWord) {
  RunFile run = RunOf({RowsOf(kSmall, {1})});
  run.rows.push_back({.name = "ceiling/copy/bytes:1024/manual_time"});
  run.rows.push_back({.name = "kernel/adamw/precision:fp32/parameters:8/iterations:1/repeats:5/manual_time"});
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(problems, IsEmpty());
}

TEST(Records, HoldPeersApart) {
  const std::string peer = PeerName({.implementation = "compile_graph", .step = kSmall});
  RunFile run = RunOf({RowsOf(kSmall, {1})});
  for (std::int64_t i : {0, 1}) {
    run.rows.push_back({.name = peer + "/iterations:1/repeats:2/manual_time",
                        .repetitions = 2,
                        .repetition_index = i,
                        .real_time_us = 5});
  }
  run.rows.push_back({.name = "peer/implementation:jax/model:small"});
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(CasesOf(records), ElementsAre(CaseName(kSmall)));
  ASSERT_THAT(peers, SizeIs(1));
  EXPECT_EQ(peers[0].implementation, "compile_graph");
  EXPECT_EQ(peers[0].c.launch, Launch::kGraph);
  EXPECT_EQ(peers[0].config.d_model, 768);
  EXPECT_THAT(TimesOf(peers[0]), ElementsAre(5, 5));
  EXPECT_THAT(problems, ElementsAre(HasSubstr("unknown implementation 'jax'")));
}

TEST(Records, ReportAnUnknownBenchmarkOnceAndNotOnceATrial) {
  RunFile run = RunOf({RowsOf(kSmall, {1})});
  for (int i = 0; i < 10; ++i) run.rows.push_back({.name = "BM_memcpy/64"});
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(problems, ElementsAre("'BM_memcpy/64' is not a transformer_step case"));
}

TEST(Records, ReportAnAxisValueOfALaterVersion) {
  RunFile run;
  Row row = RowsOf(kSmall, {1}).front();
  row.name.replace(row.name.find("fp32"), 4, "fp16");
  run.rows = {row, row};
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("unknown precision 'fp16'")));
}

TEST(Records, ReportAModelThatNobodyKnows) {
  const auto [records, peers, problems] = ToRecords({RunOf({RowsOf(kMine, {1, 2})})});
  EXPECT_THAT(CasesOf(records), IsEmpty());
  EXPECT_THAT(problems, ElementsAre(HasSubstr("unknown model 'mine'")));
}

TEST(Records, KnowTheModelsOfTheirRunsContext) {
  RunFile run = RunOf({RowsOf(kMine, {1})});
  run.context["model.mine"] = "vocab:5,d_model:4,d_ff:8,layers:1,heads:2";
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_EQ(records[0].config, (ModelConfig{5, 4, 8, 1, 2}));
}

TEST(Records, ReportAContextThatDefinesNoModel) {
  RunFile run = RunOf({RowsOf(kSmall, {1})});
  run.context["model.mine"] = "vocab:5,d_model:nine,d_ff:8,layers:1,heads:2";
  const auto [records, peers, problems] = ToRecords({run});
  EXPECT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr("model.mine"), HasSubstr("'nine'"))));
}

TEST(Records, TakeNoNameOfAModelThatNoUserMayGive) {
  for (const std::string& name : {std::string(65, 'a'), std::string("a b"), std::string("../a"), std::string()}) {
    RunFile run = RunOf({RowsOf(kSmall, {1})});
    run.context["model." + name] = "vocab:5,d_model:4,d_ff:8,layers:1,heads:2";
    EXPECT_THAT(ToRecords({run}).problems, ElementsAre(HasSubstr("its cases are left out"))) << name;
  }
}

// The report would show numbers that its cases were not run with.
TEST(Records, LackCasesWhoseModelAnotherFileDefinesOtherwise) {
  RunFile first = RunOf({RowsOf(kMine, {1})});
  first.context["model.mine"] = "vocab:5,d_model:4,d_ff:8,layers:1,heads:2";
  RunFile second = RunOf({RowsOf({.model = "mine", .context = 256}, {1}), RowsOf(kSmall, {1})});
  second.context["model.mine"] = "vocab:5,d_model:4,d_ff:8,layers:9,heads:2";
  const auto [records, peers, problems] = ToRecords({first, second});
  ASSERT_THAT(CasesOf(records), SizeIs(2));
  EXPECT_EQ(records[0].c, kMine);
  EXPECT_EQ(records[1].c, kSmall);
  EXPECT_THAT(problems, ElementsAre(AllOf(HasSubstr("'mine' is already"), HasSubstr("layers:9"))));
}

TEST(Records, LackCasesOfABuiltInNameWithOtherNumbers) {
  RunFile run = RunOf({RowsOf(kSmall, {1}), RowsOf(kMedium, {1})});
  run.context["model.small"] = "vocab:5,d_model:4,d_ff:8,layers:1,heads:2";
  const auto [records, peers, problems] = ToRecords({run});
  ASSERT_THAT(CasesOf(records), SizeIs(1));
  EXPECT_EQ(records[0].c, kMedium);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("'small' is already")));
}

TEST(Records, PassOnWhatTheFilesCouldNotTell) {
  RunFile run = RunOf({RowsOf(kSmall, {1})});
  run.problems = {"a.json: the file is empty"};
  EXPECT_THAT(ToRecords({run}).problems, ElementsAre("a.json: the file is empty"));
  run.source = "a\n::error::b";
  run.problems = {"c\x1b[2J"};
  EXPECT_THAT(ToRecords({run}).problems, ElementsAre("a : :error::b: c [2J"));
}

TEST(ErrorKind, IsWhatStandsBeforeTheColon) {
  EXPECT_EQ(ErrorKind("out_of_memory: CUDA out of memory: 9 GiB"), "out_of_memory");
  EXPECT_EQ(ErrorKind("broken"), "broken");
  EXPECT_EQ(ErrorKind("<b>: no word"), "failed");
}

}  // namespace
}  // namespace tbench
