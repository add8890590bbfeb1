#include "analysis/report/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/tables/csv.h"
#include "model/support/atomic_file.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string TestData(const std::string& name) { return ReadFile(TBENCH_TESTDATA "/" + name); }

Record RecordOf(const Case& c, const std::vector<double>& times_ms) {
  Record record{.c = c, .config = ModelTable().Find(c.model)};
  for (const double time : times_ms) record.trials.push_back({time * 1000, {}});
  return record;
}

Record FailedRecord(const Case& c, const std::vector<double>& good_times_ms, const std::string& error) {
  Record record = RecordOf(c, good_times_ms);
  record.error = error;
  return record;
}

// The report from this heading to the next.
std::string Section(const std::string& report, const std::string& heading) {
  const std::size_t begin = report.find(heading + "\n\n");
  if (begin == std::string::npos) return "no section " + heading;
  const std::size_t end = report.find("\n#", begin);
  return report.substr(begin + heading.size() + 2, end - begin - heading.size() - 2);
}

class ReferenceRun : public testing::Test {
 protected:
  const Records reference_ = ToRecords({ParseRunFile(TestData("reference/run.json"))});
};

TEST_F(ReferenceRun, GivesThePublishedReportToTheByte) {
  EXPECT_THAT(reference_.problems, testing::IsEmpty());
  EXPECT_EQ(MakeSummary(reference_.records), TestData("reference/summary.md"));
}

TEST_F(ReferenceRun, GivesBackItsTrialsToTheByte) {
  EXPECT_EQ(ToCsv(TrialsTable(reference_.records)), TestData("reference/trials.csv"));
}

TEST_F(ReferenceRun, GivesTheSameReportWhateverTheOrderOfItsCases) {
  std::vector<Record> backwards(reference_.records.rbegin(), reference_.records.rend());
  EXPECT_EQ(MakeSummary(backwards), TestData("reference/summary.md"));
}

TEST(Summary, OfNothingSaysSo) { EXPECT_EQ(MakeSummary({}), "No results found."); }

TEST(Summary, OfOneTrialHasNoDeviationNoComparisonAndNoEffectOfWarmUps) {
  EXPECT_EQ(MakeSummary({RecordOf({.model = "small", .context = 128, .warmups = 5}, {12.5})}),
            R"(# Benchmark Results Summary

## Complete Results

| model_size   |   d_model |   context_length |   num_layers |   num_heads |   batch_size |   num_warmups |   num_trials | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|----------:|-----------------:|-------------:|------------:|-------------:|--------------:|-------------:|:---------------|---------------:|--------------:|
| small        |       768 |              128 |           12 |          12 |            4 |             5 |            1 | True           |           12.5 |             0 |

## Results by Model Size

### Model: small

|   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |             5 | True           |           12.5 |             0 |

## Summary Statistics

|       |   mean_time_ms |   std_time_ms |
|:------|---------------:|--------------:|
| count |            1   |             1 |
| mean  |           12.5 |             0 |
| std   |          nan   |           nan |
| min   |           12.5 |             0 |
| 25%   |           12.5 |             0 |
| 50%   |           12.5 |             0 |
| 75%   |           12.5 |             0 |
| max   |           12.5 |             0 |
)");
}

TEST(Summary, KeepsAFailedCaseAsARowAndOutOfTheStatistics) {
  const Case good{.model = "small", .context = 128, .warmups = 0};
  const Case failed{.model = "small", .context = 128, .warmups = 5};
  EXPECT_EQ(
      MakeSummary({FailedRecord(failed, {900, 800, 700}, "out_of_memory: 9 GiB asked for"), RecordOf(good, {10, 14})}),
      R"(# Benchmark Results Summary

## Complete Results

| model_size   |   d_model |   context_length |   num_layers |   num_heads |   batch_size |   num_warmups |   num_trials | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|----------:|-----------------:|-------------:|------------:|-------------:|--------------:|-------------:|:---------------|---------------:|--------------:|
| small        |       768 |              128 |           12 |          12 |            4 |             0 |            2 | True           |             12 |          2.83 |
| small        |       768 |              128 |           12 |          12 |            4 |             5 |            3 | True           |  out_of_memory |               |

## Results by Model Size

### Model: small

|   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |             0 | True           |             12 |          2.83 |
|              128 |             5 | True           |  out_of_memory |               |

## Effect of Number of Warmup Runs

| model_size   |   context_length |   num_warmups |   mean_time_ms |   std_time_ms |
|:-------------|-----------------:|--------------:|---------------:|--------------:|
| small        |              128 |             0 |             12 |          2.83 |
| small        |              128 |             5 |  out_of_memory |               |

### Mean Time by Warmup Count

| model_size   |   0 |   5 |
|:-------------|----:|----:|
| small        |  12 | nan |

## Summary Statistics

|       |   mean_time_ms |   std_time_ms |
|:------|---------------:|--------------:|
| count |              1 |          1    |
| mean  |             12 |          2.83 |
| std   |            nan |        nan    |
| min   |             12 |          2.83 |
| 25%   |             12 |          2.83 |
| 50%   |             12 |          2.83 |
| 75%   |             12 |          2.83 |
| max   |             12 |          2.83 |
)");
}

TEST(Summary, OfOnlyFailedCasesShowsTheirReasons) {
  EXPECT_EQ(MakeSummary({FailedRecord({.model = "xl", .context = 128}, {}, "crashed: signal 11"),
                         FailedRecord({.model = "xl", .context = 256}, {}, "not_supported: no GPU")}),
            R"(# Benchmark Results Summary

## Complete Results

| model_size   |   d_model |   context_length |   num_layers |   num_heads |   batch_size |   num_warmups |   num_trials | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|----------:|-----------------:|-------------:|------------:|-------------:|--------------:|-------------:|:---------------|---------------:|--------------:|
| xl           |      1600 |              128 |           48 |          25 |            4 |             0 |            0 | True           |        crashed |               |
| xl           |      1600 |              256 |           48 |          25 |            4 |             0 |            0 | True           |  not_supported |               |

## Results by Model Size

### Model: xl

|   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |             0 | True           |        crashed |               |
|              256 |             0 | True           |  not_supported |               |

## Summary Statistics

|       |   mean_time_ms |   std_time_ms |
|:------|---------------:|--------------:|
| count |              0 |             0 |
| mean  |            nan |           nan |
| std   |            nan |           nan |
| min   |            nan |           nan |
| 25%   |            nan |           nan |
| 50%   |            nan |           nan |
| 75%   |            nan |           nan |
| max   |            nan |           nan |
)");
}

TEST(Summary, PrintsNanForAWarmUpCountThatAModelLacks) {
  const std::string report = MakeSummary({RecordOf({.model = "small", .context = 128, .warmups = 0}, {12.5}),
                                          RecordOf({.model = "small", .context = 128, .warmups = 5}, {10}),
                                          RecordOf({.model = "medium", .context = 128, .warmups = 0}, {20.25})});
  EXPECT_EQ(Section(report, "### Mean Time by Warmup Count"), R"(| model_size   |     0 |   5 |
|:-------------|------:|----:|
| medium       | 20.25 | nan |
| small        | 12.5  |  10 |
)");
}

TEST(Summary, AveragesUnroundedMeansOverEverythingButTheWarmUps) {
  const std::string report = MakeSummary({RecordOf({.model = "small", .context = 128, .warmups = 0}, {0.004}),
                                          RecordOf({.model = "small", .context = 256, .warmups = 0}, {0.004}),
                                          RecordOf({.model = "small", .context = 512, .warmups = 0}, {0.016}),
                                          RecordOf({.model = "small", .context = 128, .warmups = 5}, {1})});
  EXPECT_EQ(Section(report, "### Mean Time by Warmup Count"), R"(| model_size   |    0 |   5 |
|:-------------|-----:|----:|
| small        | 0.01 |   1 |
)");
}

TEST(Summary, ComparesThePassesOnlyIfThereAreSeveral) {
  const Record forward = RecordOf({.model = "small", .context = 128, .warmups = 5}, {10, 14});
  const Record both =
      RecordOf({.model = "small", .context = 128, .pass = Pass::kForwardBackward, .warmups = 5}, {30, 30});
  EXPECT_EQ(Section(MakeSummary({forward, both}), "## Forward-Only vs Forward+Backward Comparison"),
            R"(| model_size   |   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|-----------------:|--------------:|:---------------|---------------:|--------------:|
| small        |              128 |             5 | False          |             30 |          0    |
| small        |              128 |             5 | True           |             12 |          2.83 |
)");
  EXPECT_THAT(MakeSummary({both}), Not(HasSubstr("Comparison")));
}

TEST(Summary, NamesThePassWhereItIsNoneOfTheSeeds) {
  const std::string report =
      MakeSummary({RecordOf({.model = "small", .context = 128, .pass = Pass::kTrainStep}, {50}),
                   RecordOf({.model = "small", .context = 128, .pass = Pass::kForward}, {10}),
                   RecordOf({.model = "small", .context = 128, .pass = Pass::kForwardBackward}, {30})});
  EXPECT_EQ(Section(report, "### Model: small"),
            R"(|   context_length |   num_warmups | pass             |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:-----------------|---------------:|--------------:|
|              128 |             0 | forward_backward |             30 |             0 |
|              128 |             0 | forward          |             10 |             0 |
|              128 |             0 | train_step       |             50 |             0 |
)");
  EXPECT_THAT(report, Not(HasSubstr("forward_only")));
}

TEST(Summary, ShowsAnAxisBeyondTheSeedsWhereItDiffers) {
  const std::string report =
      MakeSummary({RecordOf({.model = "small", .context = 128, .precision = Precision::kBf16, .warmups = 1}, {5}),
                   RecordOf({.model = "small", .context = 128, .precision = Precision::kFp32, .warmups = 1}, {10}),
                   RecordOf({.model = "small", .context = 128, .precision = Precision::kFp32, .warmups = 0}, {20})});
  EXPECT_EQ(
      Section(report, "## Complete Results"),
      R"(| model_size   |   d_model |   context_length |   num_layers |   num_heads |   batch_size | precision   |   num_warmups |   num_trials | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|----------:|-----------------:|-------------:|------------:|-------------:|:------------|--------------:|-------------:|:---------------|---------------:|--------------:|
| small        |       768 |              128 |           12 |          12 |            4 | fp32        |             0 |            1 | True           |             20 |             0 |
| small        |       768 |              128 |           12 |          12 |            4 | fp32        |             1 |            1 | True           |             10 |             0 |
| small        |       768 |              128 |           12 |          12 |            4 | bf16        |             1 |            1 | True           |              5 |             0 |
)");
  EXPECT_EQ(Section(report, "### Model: small"),
            R"(|   context_length | precision   |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|:------------|--------------:|:---------------|---------------:|--------------:|
|              128 | fp32        |             0 | True           |             20 |             0 |
|              128 | fp32        |             1 | True           |             10 |             0 |
|              128 | bf16        |             1 | True           |              5 |             0 |
)");
  EXPECT_EQ(Section(report, "## Effect of Number of Warmup Runs"),
            R"(| model_size   |   context_length | precision   |   num_warmups |   mean_time_ms |   std_time_ms |
|:-------------|-----------------:|:------------|--------------:|---------------:|--------------:|
| small        |              128 | fp32        |             0 |             20 |             0 |
| small        |              128 | fp32        |             1 |             10 |             0 |
| small        |              128 | bf16        |             1 |              5 |             0 |
)");
}

TEST(Summary, ShowsEveryFurtherAxisInTheOrderOfTheNames) {
  const std::string report =
      MakeSummary({RecordOf({.model = "small", .context = 128}, {1}), RecordOf({.model = "small",
                                                                                .context = 128,
                                                                                .attention = Attention::kSdpa,
                                                                                .kernels = Kernels::kFused,
                                                                                .launch = Launch::kGraph},
                                                                               {2})});
  EXPECT_EQ(
      Section(report, "### Model: small"),
      R"(|   context_length | attention   | kernels   | launch   |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|:------------|:----------|:---------|--------------:|:---------------|---------------:|--------------:|
|              128 | naive       | composed  | eager    |             0 | True           |              1 |             0 |
|              128 | sdpa        | fused     | graph    |             0 | True           |              2 |             0 |
)");
}

TEST(Summary, ShowsTheBatchSizeEverywhereWhereItDiffers) {
  const std::string report = MakeSummary({RecordOf({.model = "small", .context = 128, .batch = 16}, {2}),
                                          RecordOf({.model = "small", .context = 128, .batch = 4}, {1})});
  EXPECT_EQ(Section(report, "### Model: small"),
            R"(|   context_length |   batch_size |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|-------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |            4 |             0 | True           |              1 |             0 |
|              128 |           16 |             0 | True           |              2 |             0 |
)");
}

TEST(Summary, KeepsTwoDecimalsOfLongTimes) {
  const std::string report = MakeSummary({RecordOf({.model = "2.7B", .context = 128}, {12345.678}),
                                          RecordOf({.model = "2.7B", .context = 256}, {1234567.891}),
                                          RecordOf({.model = "2.7B", .context = 512}, {100000000})});
  EXPECT_EQ(Section(report, "### Model: 2.7B"),
            R"(|   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |             0 | True           |       12345.68 |             0 |
|              256 |             0 | True           |     1234567.89 |             0 |
|              512 |             0 | True           |   100000000    |             0 |
)");
}

TEST(Summary, SeparatesTwoModelsOfOneWidth) {
  Record mine = RecordOf({.model = "small", .context = 128}, {3});
  mine.c.model = "mine";
  mine.config = {32'000, 768, 2048, 6, 6};
  Record mine_longer = mine;
  mine_longer.c.context = 256;
  const std::string report = MakeSummary({mine_longer, mine, RecordOf({.model = "small", .context = 128}, {10}),
                                          RecordOf({.model = "small", .context = 256}, {20})});
  EXPECT_EQ(
      Section(report, "## Complete Results"),
      R"(| model_size   |   d_model |   context_length |   num_layers |   num_heads |   batch_size |   num_warmups |   num_trials | forward_only   |   mean_time_ms |   std_time_ms |
|:-------------|----------:|-----------------:|-------------:|------------:|-------------:|--------------:|-------------:|:---------------|---------------:|--------------:|
| mine         |       768 |              128 |            6 |           6 |            4 |             0 |            1 | True           |              3 |             0 |
| small        |       768 |              128 |           12 |          12 |            4 |             0 |            1 | True           |             10 |             0 |
| mine         |       768 |              256 |            6 |           6 |            4 |             0 |            1 | True           |              3 |             0 |
| small        |       768 |              256 |           12 |          12 |            4 |             0 |            1 | True           |             20 |             0 |
)");
  EXPECT_EQ(Section(report, "### Model: mine"),
            R"(|   context_length |   num_warmups | forward_only   |   mean_time_ms |   std_time_ms |
|-----------------:|--------------:|:---------------|---------------:|--------------:|
|              128 |             0 | True           |              3 |             0 |
|              256 |             0 | True           |              3 |             0 |
)");
}

TEST(CompleteResults, KeepAllDigitsForPrograms) {
  const std::vector<Record> records{RecordOf({.model = "small", .context = 128}, {0.1, 0.2})};
  EXPECT_EQ(ToCsv(CompleteResultsUnrounded(records)),
            "model_size,d_model,context_length,num_layers,num_heads,batch_size,num_warmups,num_trials,forward_only,"
            "mean_time_ms,std_time_ms\n"
            "small,768,128,12,12,4,0,2,True,0.15000000000000002,0.07071067811865477\n");
  EXPECT_THAT(ToCsv(CompleteResults(records)), HasSubstr(",0.15,0.07\n"));
}

TEST(TrialsTable, HoldsTheTrialsOfCasesThatDidNotFail) {
  EXPECT_EQ(ToCsv(TrialsTable({RecordOf({.model = "small", .context = 256}, {2.5, 2.25}),
                               FailedRecord({.model = "small", .context = 512}, {9}, "crashed: signal 11"),
                               RecordOf({.model = "small", .context = 128, .precision = Precision::kBf16}, {1})})),
            "model_size,d_model,d_ff,num_layers,num_heads,vocab_size,batch_size,context_length,precision,num_warmups,"
            "forward_only,trial,time_ms\n"
            "small,768,3072,12,12,10000,4,128,bf16,0,True,0,1\n"
            "small,768,3072,12,12,10000,4,256,fp32,0,True,0,2.5\n"
            "small,768,3072,12,12,10000,4,256,fp32,0,True,1,2.25\n");
}

}  // namespace
}  // namespace tbench
