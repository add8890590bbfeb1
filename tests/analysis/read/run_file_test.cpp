#include "analysis/read/run_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "analysis/read/record.h"
#include "model/support/atomic_file.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::string TestData(const std::string& name) { return ReadFile(TBENCH_TESTDATA "/" + name); }

// A file of these rows, each the inside of an object.
std::string FileOf(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += (text.empty() ? "{" : ", {") + row + "}";
  return R"({"context": {"device": "cpu"}, "benchmarks": [)" + text + "]}";
}

Row OnlyRow(const std::string& row) {
  const RunFile run = ParseRunFile(FileOf({row}));
  EXPECT_THAT(run.problems, IsEmpty());
  return run.rows.size() == 1 ? run.rows.front() : Row{};
}

class LibraryVersions : public testing::TestWithParam<const char*> {
 protected:
  const RunFile run_ = ParseRunFile(TestData(fmt::format("google_benchmark_{}.json", GetParam())));
};

// Each file holds two trials of a case, the aggregates of them and two rows of a case that failed.
TEST_P(LibraryVersions, WriteFilesWhoseTrialsAreReadAndAggregatesNot) {
  EXPECT_THAT(run_.problems, IsEmpty());
  ASSERT_THAT(run_.rows, SizeIs(4));
  for (std::size_t i = 0; i < 4; ++i) {
    const Row& row = run_.rows[i];
    EXPECT_THAT(row.name, HasSubstr(i < 2 ? "/pass:forward/" : "/pass:forward_backward/"));
    EXPECT_EQ(row.repetitions, 2);
    EXPECT_EQ(row.repetition_index, i % 2);
    EXPECT_EQ(row.error.has_value(), i >= 2);
    EXPECT_EQ(row.counters.contains("loss"), i < 2);
    EXPECT_FALSE(row.counters.contains("family_index") || row.counters.contains("iterations"));
  }
  EXPECT_THAT(*run_.rows[2].error, HasSubstr("out_of_memory: "));
  EXPECT_GT(run_.rows[0].real_time_us.value_or(0), 0);
}

TEST_P(LibraryVersions, WriteFilesWhoseContextIsRead) {
  for (const char* key : {"date", "executable", "num_cpus", "cpu_scaling_enabled", "library_build_type"}) {
    EXPECT_TRUE(run_.context.contains(key)) << key;
  }
  EXPECT_FALSE(run_.context.contains("caches"));
}

TEST_P(LibraryVersions, WriteFilesThatBecomeRecords) {
  const auto [records, peers, problems] = ToRecords({run_});
  EXPECT_THAT(problems, IsEmpty());
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_THAT(records[0].trials, SizeIs(2));
  EXPECT_FALSE(records[0].error);
  EXPECT_THAT(records[1].trials, IsEmpty());
  EXPECT_EQ(ErrorKind(*records[1].error), "out_of_memory");
}

INSTANTIATE_TEST_SUITE_P(All, LibraryVersions, testing::Values("1.7.1", "1.8.3", "1.9.1"), [](const auto& suite) {
  std::string name = std::string("Version") + suite.param;
  std::ranges::replace(name, '.', '_');
  return name;
});

TEST(RunFile, HoldsEverythingOfARow) {
  const Row row = OnlyRow(R"("name": "n", "run_type": "iteration", "repetitions": 10, "repetition_index": 3,
      "threads": 1, "iterations": 1, "real_time": 1.5, "cpu_time": 9, "time_unit": "us", "loss": 9.25,
      "steps_before": 7, "label": "attention_backend:math", "family_index": 2, "per_family_instance_index": 0)");
  EXPECT_EQ(row.name, "n");
  EXPECT_EQ(row.repetitions, 10);
  EXPECT_EQ(row.repetition_index, 3);
  EXPECT_EQ(row.real_time_us, 1.5);
  EXPECT_EQ(row.label, "attention_backend:math");
  EXPECT_FALSE(row.error);
  EXPECT_THAT(row.counters, UnorderedElementsAre(Pair("loss", 9.25), Pair("steps_before", 7)));
}

TEST(RunFile, HoldsTextAsOneLineWithoutControlCharacters) {
  const RunFile run = ParseRunFile(
      R"({"context": {"a\u001b[2J": "x", "gpu_name": "b\n::error::c", "nul": "d\u0000e"}, "benchmarks": [
          {"name": "n\tm", "label": "l\u007f", "error_occurred": true, "error_message": "e\u009b2J"}]})");
  EXPECT_EQ(run.context,
            (std::map<std::string, std::string>{{"a [2J", "x"}, {"gpu_name", "b : :error::c"}, {"nul", "d e"}}));
  EXPECT_EQ(run.rows.at(0).name, "n m");
  EXPECT_EQ(run.rows.at(0).label, "l ");
  EXPECT_EQ(run.rows.at(0).error, "e 2J");
}

TEST(RunFile, ConvertsEveryTimeUnitToMicroseconds) {
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 2500, "time_unit": "ns")").real_time_us, 2.5);
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 2.5, "time_unit": "us")").real_time_us, 2.5);
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 2.5, "time_unit": "ms")").real_time_us, 2500);
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 2.5, "time_unit": "s")").real_time_us, 2.5e6);
}

TEST(RunFile, HoldsNoRowThatHasTwoNames) {
  const std::string of_another = R"("name": "n", "run_name": "m", "real_time": 1, "time_unit": "us")";
  const RunFile run = ParseRunFile(FileOf({of_another, of_another}));
  EXPECT_THAT(run.rows, IsEmpty());
  EXPECT_THAT(run.problems, ElementsAre("n: its run_name makes it m; left out"));
  const std::string aggregate = R"("run_name": "n", "run_type": "aggregate", "aggregate_name": "mean")";
  EXPECT_THAT(ParseRunFile(FileOf({R"("name": "n_mean", )" + aggregate})).problems, IsEmpty());
  EXPECT_THAT(ParseRunFile(FileOf({R"("name": "m_mean", )" + aggregate})).problems,
              ElementsAre("m_mean: its run_name makes it n_mean; left out"));
  EXPECT_THAT(OnlyRow(R"("name": "n", "run_name": "n", "threads": 8, "iterations": 1e3)"),
              testing::AllOf(testing::Field(&Row::threads, 8), testing::Field(&Row::iterations, 1000)));
}

TEST(RunFile, KnowsOnlyTheUnitsThatItKnows) {
  for (const char* unit : {"usec", "US", "minutes", "\u00b5s", ""}) {
    const std::string row = fmt::format(R"("name": "n", "real_time": 2.5, "time_unit": "{}")", unit);
    const RunFile run = ParseRunFile(FileOf({row, row}));
    EXPECT_FALSE(run.rows.at(0).real_time_us) << unit;
    EXPECT_THAT(run.problems, ElementsAre(HasSubstr("is none of ns, us, ms and s"))) << unit;
  }
  EXPECT_THAT(ParseRunFile(FileOf({R"("name": "n", "real_time": 2.5)"})).problems, SizeIs(1));
  EXPECT_THAT(ParseRunFile(FileOf({R"("name": "n", "real_time": 2.5, "time_unit": 1)"})).problems, SizeIs(1));
}

TEST(RunFile, TakesBareNaNAndInfinityForNoNumberAndSaysSo) {
  const RunFile run =
      ParseRunFile(FileOf({R"("name": "n", "real_time": NaN, "a": -NaN, "b": Infinity, "c": -Infinity, "d": 1)"}));
  ASSERT_THAT(run.rows, SizeIs(1));
  EXPECT_FALSE(run.rows[0].real_time_us);
  EXPECT_THAT(run.rows[0].counters, ElementsAre(Pair("d", 1)));
  EXPECT_THAT(run.problems,
              ElementsAre("n, trial 0: a is not a finite number", "n, trial 0: b is not a finite number",
                          "n, trial 0: c is not a finite number", "n, trial 0: real_time is not a finite number"));
}

TEST(RunFile, IgnoresTheNaNOfAnAggregate) {
  EXPECT_THAT(ParseRunFile(FileOf({R"("name": "n_cv", "run_type": "aggregate", "real_time": NaN)"})).problems,
              IsEmpty());
}

TEST(RunFile, TakesWhatNoTrialTakesForNoTime) {
  for (const char* time : {"0.0", "-1", "1e-7", "5e-324", "1e16", "1e308"}) {
    EXPECT_FALSE(OnlyRow(fmt::format(R"("name": "n", "real_time": {}, "time_unit": "us")", time)).real_time_us) << time;
  }
  EXPECT_FALSE(OnlyRow(R"("name": "n", "real_time": 1e308, "time_unit": "s")").real_time_us);
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 1e-6, "time_unit": "us")").real_time_us, 1e-6);
  EXPECT_EQ(OnlyRow(R"("name": "n", "real_time": 1e15, "time_unit": "us")").real_time_us, 1e15);
}

TEST(RunFile, TakesNothingInAStringForSyntax) {
  const std::string row =
      R"("name": "n", "real_time": 1, "time_unit": "us", "error_occurred": true,
         "error_message": "failed: {[ \"loss\": NaN ]} \\", "label": "-Infinity}")";
  const std::string whole = FileOf({row, row});
  for (const std::string& text : {whole, whole.substr(0, whole.size() - 2)}) {
    const RunFile run = ParseRunFile(text);
    ASSERT_THAT(run.rows, SizeIs(2));
    EXPECT_EQ(run.rows[1].error, R"(failed: {[ "loss": NaN ]} \)");
    EXPECT_EQ(run.rows[1].label, "-Infinity}");
  }
}

TEST(RunFile, ReportsARowWithoutAName) {
  const RunFile run = ParseRunFile(FileOf({R"("name": "n")", R"("real_time": 1)"}));
  EXPECT_THAT(run.rows, SizeIs(1));
  EXPECT_THAT(run.problems, ElementsAre("row 1 has no name"));
}

TEST(RunFile, KeepsTheRowsAroundADamagedOne) {
  const RunFile run = ParseRunFile(FileOf(
      {R"("name": "a")", R"("name": "b", "real_time": 1e999)", R"("name": "c", "real_time": )", R"("name": "d")"}));
  ASSERT_THAT(run.rows, SizeIs(2));
  EXPECT_EQ(run.rows[0].name, "a");
  EXPECT_EQ(run.rows[1].name, "d");
  EXPECT_THAT(run.problems, ElementsAre("the file is damaged or cut off; 2 whole rows were read"));
}

struct Unreadable {
  const char* name;
  std::string text;
  const char* problem;
};
void PrintTo(const Unreadable& unreadable, std::ostream* out) { *out << unreadable.text.substr(0, 60); }

class UnreadableFiles : public testing::TestWithParam<Unreadable> {};

TEST_P(UnreadableFiles, AreAProblemAndNotACrash) {
  const RunFile run = ParseRunFile(GetParam().text);
  EXPECT_THAT(run.rows, IsEmpty());
  EXPECT_THAT(run.problems, ElementsAre(HasSubstr(GetParam().problem)));
}

INSTANTIATE_TEST_SUITE_P(
    All, UnreadableFiles,
    testing::Values(Unreadable{"Empty", "", "is empty"}, Unreadable{"OnlyWhiteSpace", " \n\t\r\n", "is empty"},
                    Unreadable{"NoJson", "model_size,d_model\nsmall,768\n", "no row of a Google Benchmark file"},
                    Unreadable{"Binary",
                               std::string("\0\x7F"
                                           "ELF\"{[\\",
                                           9),
                               "no row of a Google Benchmark file"},
                    Unreadable{"OpenQuote", "\"", "no row of a Google Benchmark file"},
                    Unreadable{"DeepNesting", std::string(100'000, '['), "no row of a Google Benchmark file"},
                    Unreadable{"AnArray", "[]", "not Google Benchmark's JSON"},
                    Unreadable{"ANumber", "1", "not Google Benchmark's JSON"},
                    Unreadable{"BareNaN", "NaN", "not Google Benchmark's JSON"},
                    Unreadable{"AnotherObject", R"({"results": []})", "no array 'benchmarks'"},
                    Unreadable{"BenchmarksAreNoArray", R"({"benchmarks": {"name": "n"}})", "no array 'benchmarks'"},
                    Unreadable{"RowsAreNumbers", R"({"benchmarks": [1]})", "row 0 has no name"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(RunFile, MayHaveNoContextAndNoRows) {
  const RunFile run = ParseRunFile(R"({"benchmarks": []})");
  EXPECT_THAT(run.rows, IsEmpty());
  EXPECT_THAT(run.problems, IsEmpty());
}

// Where each object of the array ends, by the library's indentation.
std::vector<std::size_t> EndsOfRows(const std::string& text) {
  std::vector<std::size_t> ends;
  const std::string close = "\n    }";
  for (std::size_t i = text.find(close, text.find("\"benchmarks\"")); i != std::string::npos;
       i = text.find(close, i + 1)) {
    ends.push_back(i + close.size());
  }
  return ends;
}

TEST(RunFile, CutAnywhereKeepsItsWholeRowsAndTellsThatItIsCut) {
  const std::string text = TestData("google_benchmark_1.9.1.json");
  const RunFile whole = ParseRunFile(text);
  const std::vector<std::size_t> ends = EndsOfRows(text);
  const std::size_t last_brace = text.rfind('}');
  for (std::size_t cut = 0; cut < text.size(); cut += 3) {  // every byte takes ten seconds
    const RunFile run = ParseRunFile(text.substr(0, cut));
    const auto complete = std::size_t(std::ranges::upper_bound(ends, cut) - ends.begin());
    std::size_t trials = 0;  // of the complete rows: trials 0 and 1, four aggregates, trials 0 and 1
    for (std::size_t row = 0; row < complete; ++row) trials += row < 2 || row >= 6 ? 1 : 0;
    ASSERT_EQ(run.rows.size(), trials) << "cut at " << cut;
    for (std::size_t row = 0; row < trials; ++row) {
      ASSERT_EQ(run.rows[row].real_time_us, whole.rows[row].real_time_us) << "cut at " << cut;
      ASSERT_EQ(run.rows[row].counters, whole.rows[row].counters) << "cut at " << cut;
    }
    ASSERT_EQ(run.problems.empty(), cut > last_brace) << "cut at " << cut;
    ASSERT_TRUE(trials == 0 || run.context == whole.context) << "cut at " << cut;
  }
}

TEST(RunFile, CutBetweenRowsNeverYieldsACaseWithFewerTrialsThanItHad) {
  const std::string text = TestData("google_benchmark_1.9.1.json");
  for (const std::size_t cut : EndsOfRows(text)) {
    for (const Record& record : ToRecords({ParseRunFile(text.substr(0, cut))}).records) {
      ASSERT_TRUE(record.error || record.trials.size() == 2) << "cut at " << cut;
    }
  }
}

TEST(ParseRunFile, KeepsAllButTheBytesThatAreNoUtf8) {
  const RunFile run = ParseRunFile(
      "{\"context\": {\"host_name\": \"J\xf6rg\", \"device\": \"cpu\"}, \"benchmarks\": [{\"name\": \"a/b\", "
      "\"label\": \"\xe2\x82\", \"real_time\": 2.5, \"time_unit\": \"us\"}]}");
  EXPECT_THAT(run.context, UnorderedElementsAre(Pair("host_name", "J\uFFFDrg"), Pair("device", "cpu")));
  ASSERT_THAT(run.rows, SizeIs(1));
  EXPECT_EQ(run.rows[0].label, "\uFFFD\uFFFD");
  EXPECT_EQ(run.rows[0].real_time_us, 2.5);
  EXPECT_THAT(run.problems, ElementsAre("byte 28 is no UTF-8: it and others of its kind are read as U+FFFD"));
}

}  // namespace
}  // namespace tbench
