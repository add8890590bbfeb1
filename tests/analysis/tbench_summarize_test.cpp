// The command line of tbench_summarize, tried on the program.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <regex>
#include <set>

#include "benchmarks/names/case.h"
#include "model/support/atomic_file.h"
#include "tests/bad_input.h"
#include "tests/benchmarks/harness/program_output.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const std::string kReference = TBENCH_TESTDATA "/reference";

// A run of one case with as many trials as times.
std::string RunJson(const Case& c, const std::vector<double>& times_us, const std::string& context = "") {
  std::string text = fmt::format(R"({{"context": {{{}}}, "benchmarks": [)", context);
  for (std::size_t i = 0; i < times_us.size(); ++i) {
    text += fmt::format(
        "{}\n{{\"name\": \"{}\", \"run_type\": \"iteration\", \"repetitions\": {}, \"repetition_index\": {}, "
        "\"real_time\": {}, \"time_unit\": \"us\"}}",
        i == 0 ? "" : ",", RowName(c, std::int64_t(times_us.size())), times_us.size(), i, times_us[i]);
  }
  return text + "\n]}\n";
}

const Case kSmall{.model = "small", .context = 128};
const Case kMedium{.model = "medium", .context = 128};

// Of a report in Markdown: without the lines that show a picture and the empty one after them.
std::string WithoutCharts(const std::string& report) {
  return std::regex_replace(report, std::regex("(!\\[.*\\)\n)+\n"), "");
}

class Summarize : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  // Runs in the folder.
  ProgramOutput Tool(const std::string& arguments) const {
    return RunCommand("cd " + folder_.string() + " && " TBENCH_SUMMARIZE " " + arguments);
  }
  void Write(const fs::path& name, const std::string& text) const {
    fs::create_directories((folder_ / name).parent_path());
    WriteWholeFile(folder_ / name, text);
  }
  std::string Read(const fs::path& name) const { return ReadFile(folder_ / name); }
  // What the folder holds, folders too, but no single charts.
  std::set<std::string> Files() const {
    std::set<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder_)) {
      if (entry.path().extension() != ".svg") files.insert(entry.path().lexically_relative(folder_).string());
    }
    return files;
  }

  const fs::path folder_ = testing::TempDir() + "summarize_test." + std::to_string(getpid());
};

TEST_F(Summarize, WritesThePublishedReportOfTheReferenceRun) {
  const ProgramOutput output = Tool(kReference + " -o report --csv --trials-csv --latex --print");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.text, ReadFile(kReference + "/summary.md"));
  EXPECT_THAT(Files(),
              ElementsAre("report", "report/charts", "report/report.html", "report/report.md", "report/summary.csv",
                          "report/summary.md", "report/summary.tex", "report/trials.csv"));
  EXPECT_EQ(Read("report/summary.md"), ReadFile(kReference + "/summary.md"));
  EXPECT_EQ(WithoutCharts(Read("report/report.md")), ReadFile(kReference + "/report.md"));
  EXPECT_EQ(Read("report/trials.csv"), ReadFile(kReference + "/trials.csv"));
}

TEST_F(Summarize, WritesOnlyTheReportsUnlessAskedForMore) {
  Write("runs/mine/run.json", RunJson(kSmall, {12'500}));
  const ProgramOutput output = Tool("runs/mine/");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.text, "");
  EXPECT_THAT(Files(), ElementsAre("runs", "runs/mine", "runs/mine/charts", "runs/mine/report.html",
                                   "runs/mine/report.md", "runs/mine/run.json", "runs/mine/summary.md"));
}

TEST_F(Summarize, WritesChartsForBothReports) {
  Write("run.json", RunJson(kSmall, {12'500, 12'400}));
  const ProgramOutput output = Tool("run.json");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.text, "");
  EXPECT_TRUE(fs::exists(folder_ / "charts/trials-small-forward.svg"));
  EXPECT_THAT(Read("report.md"), HasSubstr("](charts/time-forward.svg)"));
  EXPECT_THAT(Read("report.html"), HasSubstr(Read("charts/time-forward.svg")));
}

TEST_F(Summarize, WritesBesideARunThatIsNamedAsAFile) {
  Write("run.json", RunJson(kSmall, {12'500}));
  EXPECT_EQ(Tool("run.json --csv").exit_code, 0);
  EXPECT_THAT(Files(), ElementsAre("charts", "report.html", "report.md", "run.json", "summary.csv", "summary.md"));
  EXPECT_EQ(Read("summary.csv"),
            "model_size,d_model,context_length,num_layers,num_heads,batch_size,num_warmups,num_trials,forward_only,"
            "mean_time_ms,std_time_ms\n"
            "small,768,128,12,12,4,0,1,True,12.5,0\n");
}

TEST_F(Summarize, WritesTheFirstTableAsLatex) {
  Write("run.json", RunJson(kSmall, {12'500}));
  EXPECT_EQ(Tool("run.json --latex").exit_code, 0);
  EXPECT_THAT(Read("summary.tex"), HasSubstr("small & 768 & 128 & 12 & 12 & 4 & 0 & 1 & True & 12.5 & 0 \\\\\n"));
}

TEST_F(Summarize, ReplacesAnOlderReport) {
  Write("run.json", RunJson(kSmall, {12'500}));
  Write("summary.md", std::string(100'000, 'x'));
  EXPECT_EQ(Tool("run.json").exit_code, 0);
  EXPECT_THAT(Read("summary.md"), AllOf(HasSubstr("# Benchmark Results Summary"), Not(HasSubstr("xxx"))));
}

TEST_F(Summarize, RemovesWhatOnlyAnOlderReportHad) {
  Write("a.json", RunJson(kSmall, {12'500, 12'400}));
  Write("b.json", RunJson(kMedium, {20'000, 20'100}));
  EXPECT_EQ(Tool("a.json -o report --csv --trials-csv --latex").exit_code, 0);
  Write("report/charts/mine.svg", "precious");
  ASSERT_TRUE(fs::exists(folder_ / "report/charts/trials-small-forward.svg"));
  EXPECT_EQ(Tool("b.json -o report").exit_code, 0);
  for (const char* stale : {"summary.csv", "trials.csv", "summary.tex", "charts/trials-small-forward.svg"}) {
    EXPECT_FALSE(fs::exists(folder_ / "report" / stale)) << stale;
  }
  EXPECT_TRUE(fs::exists(folder_ / "report/charts/trials-medium-forward.svg"));
  EXPECT_EQ(Read("report/charts/mine.svg"), "precious");
  Write("report/summary.csv", "my,own\n");
  EXPECT_EQ(Tool("b.json -o report").exit_code, 0);
  EXPECT_EQ(Read("report/summary.csv"), "my,own\n");
}

TEST_F(Summarize, DoesNotFollowLinksOfARun) {
  Write("run/run.json", RunJson(kSmall, {12'500}));
  Write("precious", "precious");
  for (const char* name : {"summary.md", "report.md", "report.html", "summary.csv"}) {
    fs::create_symlink("../precious", folder_ / "run" / name);
  }
  EXPECT_EQ(Tool("run --csv").exit_code, 0);
  EXPECT_EQ(Read("precious"), "precious");
  fs::remove_all(folder_ / "run/charts");
  fs::create_directory_symlink("..", folder_ / "run/charts");
  const ProgramOutput output = Tool("run");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("run/charts is a link"));
}

// As files that a container is given one by one.
TEST_F(Summarize, WritesIntoAMountPoint) {
  Write("run.json", RunJson(kSmall, {12'500}));
  Write("target.md", std::string(100'000, 'x'));
  Write("summary.md", "");
  const std::string mount = "cd " + folder_.string() + " && unshare -Urm sh -c 'mount --bind target.md summary.md";
  if (RunCommand(mount + "'").exit_code != 0) GTEST_SKIP() << "cannot mount";
  EXPECT_EQ(RunCommand(mount + " && " TBENCH_SUMMARIZE " run.json'").exit_code, 0);
  EXPECT_THAT(Read("target.md"), AllOf(HasSubstr("# Benchmark Results Summary"), Not(HasSubstr("xxx"))));
}

TEST_F(Summarize, RefusesToReplaceARun) {
  Write("summary.md", RunJson(kSmall, {12'500}));
  EXPECT_EQ(Tool("summary.md").exit_code, 2);
  EXPECT_EQ(Read("summary.md"), RunJson(kSmall, {12'500}));
}

TEST_F(Summarize, AsksForTheFolderOfARunFromAPipe) {
  Write("run.json", RunJson(kSmall, {12'500}));
  const ProgramOutput output = Tool("/proc/self/fd/0 < run.json");  // nobody can write beside it, as in /dev
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("/proc/self/fd/0 is no file in a folder: name the report's with -o"));
  EXPECT_EQ(Tool("/proc/self/fd/0 -o report < run.json").exit_code, 0);
}

TEST_F(Summarize, WritesTheReportWhereItsWarningsCannotBeRead) {
  Write("good.json", RunJson(kSmall, {10'000}));
  Write("empty.json", "");
  EXPECT_EQ(Tool("good.json empty.json 2> /dev/full || exit $?").exit_code, 1);
  EXPECT_TRUE(fs::exists(folder_ / "report.md"));
}

TEST_F(Summarize, WritesTheReportOfAnImplausibleRunAndExitsWithOne) {
  Write("run.json", RunJson(kSmall, {12'500, 12'400}, R"("device": "cpu", "threads": "32")"));
  Write("fast.json", RunJson(kMedium, {12.5, 12.4}, R"("device": "cpu", "threads": "32")"));
  const ProgramOutput output = Tool("run.json fast.json");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.text, AllOf(HasSubstr("tbench_summarize: " + CaseName(kMedium) + " is implausible: trial 2 needs"),
                                 Not(HasSubstr(CaseName(kSmall)))));
  EXPECT_THAT(Read("report.md"), HasSubstr("**Implausible:** 1 of 2 cases: medium, "));
}

TEST_F(Summarize, TellsOfASweepThatWasCutOff) {
  Write("run/sweep.json", "{}");
  EXPECT_THAT(Tool("run").text, HasSubstr("its sweep was cut off, and goes on by the same command"));
}

TEST_F(Summarize, JoinsSeveralRunsIntoOneReport) {
  Write("a/run.json", RunJson(kMedium, {20'000}));
  Write("b/run.json", RunJson(kSmall, {10'000}));
  const ProgramOutput output = Tool("a b/run.json --trials-csv");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(Read("a/trials.csv"), HasSubstr("small,768,3072,12,12,10000,4,128,0,True,0,10\n"
                                              "medium,1024,4096,24,16,10000,4,128,0,True,0,20\n"));
  EXPECT_FALSE(fs::exists(folder_ / "b/summary.md"));
}

TEST_F(Summarize, PutsPeersBesideARunAndNowhereElse) {
  const std::string variants = TBENCH_TESTDATA "/variants";
  EXPECT_EQ(Tool(variants + " -o alone").text, "");
  const ProgramOutput output = Tool(variants + " " + variants + "/peers.json -o both");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(output.text, "");
  EXPECT_EQ(Read("both/summary.md"), Read("alone/summary.md"));
  EXPECT_THAT(Read("both/report.md"), HasSubstr("| bf16 PyTorch compile_graph |"));
}

TEST_F(Summarize, WarnsOfPeersOfOtherHardware) {
  std::string peers = ReadFile(TBENCH_TESTDATA "/variants/peers.json");
  peers.replace(peers.find("H100 80GB HBM3"), 14, "H200");
  Write("peers.json", peers);
  const ProgramOutput output = Tool(TBENCH_TESTDATA "/variants peers.json -o report");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.text, HasSubstr("tbench_summarize: warning: peers of peers.json were measured on NVIDIA H200, "));
}

TEST_F(Summarize, KnowsAUsersModelByItsRunAlone) {
  Write("run.json", RunJson({.model = "mine", .context = 128}, {10'000},
                            R"("model.mine": "vocab:32000,d_model:2048,d_ff:5632,layers:16,heads:16")"));
  const ProgramOutput output = Tool("run.json --csv");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(Read("summary.csv"), HasSubstr("\nmine,2048,128,16,16,4,0,1,True,10,0\n"));
}

TEST_F(Summarize, OfARunWithoutCasesSaysThatThereAreNoResults) {
  Write("run.json", R"({"context": {}, "benchmarks": []})");
  EXPECT_EQ(Tool("run.json").exit_code, 0);
  EXPECT_EQ(Read("summary.md"), "No results found.");
}

TEST_F(Summarize, UsesTheCompleteCasesOfACutFileAndExitsWithOne) {
  const std::string reference = ReadFile(kReference + "/run.json");
  Write("run.json", reference.substr(0, reference.find("warmups:1/")));
  const ProgramOutput output = Tool("run.json --trials-csv");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_EQ(output.text, "tbench_summarize: run.json: the file is damaged or cut off; 20 whole rows were read\n");
  EXPECT_EQ(std::ranges::count(Read("trials.csv"), '\n'), 1 + 20);
}

TEST_F(Summarize, NamesTheCaseThatItLeavesOut) {
  const std::string reference = ReadFile(kReference + "/run.json");
  Write("run.json", reference.substr(0, reference.size() - 100));
  const ProgramOutput output = Tool("run.json");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.text, AllOf(HasSubstr("run.json: the file is damaged or cut off; 599 whole rows"),
                                 HasSubstr("model:2.7B/context:256/"), HasSubstr("only 9 of 10 trials")));
}

TEST_F(Summarize, UsesTheRunsThatCanBeRead) {
  Write("a/run.json", "");
  Write("b/run.json", RunJson(kSmall, {10'000}));
  const ProgramOutput output = Tool("a b -o report");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_EQ(output.text, "tbench_summarize: a/run.json: the file is empty\n");
  EXPECT_THAT(Read("report/summary.md"), HasSubstr("### Model: small"));
}

TEST_F(Summarize, ReportsTheSameRunGivenTwice) {
  Write("run.json", RunJson(kSmall, {10'000}));
  const ProgramOutput output = Tool("run.json run.json");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.text, HasSubstr(CaseName(kSmall) + ": occurs in several files; the first counts"));
}

TEST_F(Summarize, KnowsHelpAndVersion) {
  const ProgramOutput help = Tool("--help");
  EXPECT_EQ(help.exit_code, 0);
  for (const char* part : {"Examples:", "Exit code:", "--csv", "--trials-csv", "--latex", "--print", "--output"}) {
    EXPECT_THAT(help.text, HasSubstr(part));
  }
  const ProgramOutput version = Tool("--version");
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, HasSubstr("(commit "));
  EXPECT_THAT(Files(), testing::IsEmpty());
}

class BadRequests : public Summarize, public testing::WithParamInterface<BadInput> {};

TEST_P(BadRequests, AreRefusedAndNothingIsWritten) {
  Write("good/run.json", RunJson(kSmall, {10'000}));
  Write("empty.json", "");
  Write("table.csv", "model_size,d_model\nsmall,768\n");
  Write("other.json", R"({"results": []})");
  fs::create_directory(folder_ / "bare");
  fs::create_directories(folder_ / "odd/run.json");
  const std::set<std::string> before = Files();
  const ProgramOutput output = Tool(GetParam().text);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("tbench_summarize: error: "));
  EXPECT_THAT(output.text, HasSubstr(GetParam().message));
  EXPECT_EQ(Files(), before);
}

INSTANTIATE_TEST_SUITE_P(
    All, BadRequests,
    testing::Values(BadInput{"NoRun", "", "name at least one run"},
                    BadInput{"MissingFile", "good missing.json", "missing.json: there is no such file or folder"},
                    BadInput{"FolderWithoutARun", "bare", "bare: this folder holds no run.json"},
                    BadInput{"FolderInPlaceOfTheFile", "odd", "odd/run.json: Is a directory"},
                    BadInput{"EmptyFile", "empty.json", "empty.json: the file is empty"},
                    BadInput{"NoJson", "table.csv", "table.csv: no row of a Google Benchmark file"},
                    BadInput{"AnotherJson", "other.json", "other.json: this is not Google Benchmark's JSON"},
                    BadInput{"NothingReadable", "empty.json other.json -o report", "no report was written"},
                    BadInput{"UnknownFlag", "good --trial-csv", "'--trial-csv', did you mean '--trials-csv'?"},
                    BadInput{"UnknownShortFlag", "good -x", "unknown argument '-x'"},
                    BadInput{"MissingValue", "good -o", "--output"},
                    BadInput{"OutputBelowAFile", "good -o table.csv/report", "table.csv/report"},
                    BadInput{"OutputIsAFile", "good -o table.csv", "table.csv"}),
    [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace tbench
