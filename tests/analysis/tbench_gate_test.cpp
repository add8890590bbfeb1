// The exit codes of tbench_gate, tried on the program.

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "benchmarks/names/case.h"
#include "model/support/atomic_file.h"
#include "tests/bad_input.h"
#include "tests/benchmarks/harness/program_output.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using namespace std::string_literals;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

const Case kSmall{.model = "small", .context = 128};
const Case kMedium{.model = "medium", .context = 128};

constexpr const char* kH100 = R"("device": "cuda", "gpu_name": "NVIDIA H100", "driver_version": "550")";
constexpr const char* kCpu = R"("device": "cpu", "cpu_name": "a", "threads": "400")";

std::string RowJson(const Case& c, std::size_t trials, std::size_t trial, const std::string& rest) {
  return fmt::format(
      R"({{"name": "{}", "run_type": "iteration", "repetitions": {}, "repetition_index": {}, "time_unit": "us", {}}})",
      RowName(c, std::int64_t(trials)), trials, trial, rest);
}

// The rows of a case whose trials rise by 0.1 % each from `first_us`; `odd` stands for the third one.
std::string CaseJson(const Case& c, double first_us, std::size_t trials = 10, const std::string& odd = {}) {
  std::string rows;
  for (std::size_t i = 0; i < trials; ++i) {
    const std::string time = fmt::format(R"("real_time": {})", first_us * (1 + 0.001 * double(i)));
    rows += (i == 0 ? "\n" : ",\n") + RowJson(c, trials, i, i == 2 && !odd.empty() ? odd : time);
  }
  return rows;
}

// Ten trials of one time.
std::string EqualCaseJson(const Case& c, double time_us) {
  std::string rows;
  for (std::size_t i = 0; i < 10; ++i) {
    rows += (i == 0 ? "\n" : ",\n") + RowJson(c, 10, i, fmt::format(R"("real_time": {})", time_us));
  }
  return rows;
}

// The text with every `from` replaced.
std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

std::string FailedCaseJson(const Case& c, const std::string& message) {
  return RowJson(c, 10, 0, R"("real_time": 0.0, "error_occurred": true, "error_message": ")" + message + "\"");
}

std::string RunJson(const std::string& rows, const std::string& context = kH100) {
  return fmt::format(R"({{"context": {{{}}}, "benchmarks": [{}
]}}
)",
                     context, rows);
}

class Gate : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "tbench_gate_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { fs::remove_all(folder_); }

  // Of two texts of run.json, in the folder.
  ProgramOutput Compare(const std::string& before, const std::string& now, const std::string& flags = "") const {
    WriteWholeFile(folder_ / "before.json", before);
    WriteWholeFile(folder_ / "now.json", now);
    return Tool("before.json now.json " + flags);
  }
  ProgramOutput Tool(const std::string& arguments) const {
    return RunCommand("cd " + folder_.string() + " && " TBENCH_GATE " " + arguments);
  }

  fs::path folder_;
};

struct GateRow {
  const char* name;
  std::string before, now;
  const char* flags;
  int exit_code;
  const char* text;
};
void PrintTo(const GateRow& row, std::ostream* out) { *out << row.name; }

class GateTable : public Gate, public testing::WithParamInterface<GateRow> {};

TEST_P(GateTable, HasItsExitCodeAndSaysWhy) {
  const ProgramOutput output = Compare(GetParam().before, GetParam().now, GetParam().flags);
  EXPECT_EQ(output.exit_code, GetParam().exit_code) << output.text;
  EXPECT_THAT(output.text, HasSubstr(GetParam().text));
}

std::vector<GateRow> GateRows() {
  const std::string same = CaseJson(kSmall, 1000), other = CaseJson(kSmall, 1000.1);
  const std::string both = same + "," + CaseJson(kMedium, 2000);
  const std::string copied = same + "," + CaseJson(kMedium, 1000);
  const std::string run = RunJson(same), oom = RunJson(FailedCaseJson(kSmall, "out_of_memory: 9 GiB"));
  const std::string h200 =
      RunJson(other, R"("device": "cuda", "gpu_name": "NVIDIA H200 MIG 1g.18gb", "driver_version": "550")");
  const std::string driver = RunJson(other, R"("device": "cuda", "gpu_name": "NVIDIA H100", "driver_version": "560")");
  const std::string nan = CaseJson(kSmall, 1000, 10, R"("real_time": NaN)");
  const std::string nan_loss = CaseJson(kSmall, 1000, 10, R"("real_time": 1001, "loss": NaN)");
  const auto kernel = [](double time_us) {
    return fmt::format(R"({{"name": "kernel/adamw/precision:bf16/parameters:8/iterations:1/repeats:5/manual_time", )"
                       R"("run_type": "iteration", "real_time": {}, "time_unit": "us", "bytes_per_second": 4e12}})",
                       time_us);
  };
  const std::string few = RunJson(CaseJson(kSmall, 1000, 3)), few_slower = RunJson(CaseJson(kSmall, 2000, 3));
  const std::string whole = RunJson(both), truncated = whole.substr(0, whole.size() * 3 / 4);
  return {
      {"Equal", run, run, "", 0, "Passed: none of 1 case is worse."},
      {"Faster", run, RunJson(CaseJson(kSmall, 800)), "", 0, "small  faster"},
      {"SlowerByMore", run, RunJson(CaseJson(kSmall, 1060)), "", 1, "small  slower"},
      {"SlowerByLess", run, RunJson(CaseJson(kSmall, 1040)), "", 0, "Passed"},
      {"SignificantButTiny", run, RunJson(CaseJson(kSmall, 1010)), "--threshold 2%", 0, "Passed"},
      {"SlowerThanALowerThreshold", run, RunJson(CaseJson(kSmall, 1040)), "--threshold 2%", 1, "+4.0 %  p 0.00018"},
      {"ThresholdAsAShare", run, RunJson(CaseJson(kSmall, 1040)), "--threshold=0.02", 1, "more than 2 %"},
      {"SlowerButNotForALowerAlpha", run, RunJson(CaseJson(kSmall, 1060)), "--alpha 0.0001", 2, "too few trials"},
      {"Missing", RunJson(both), run, "", 1, "medium  missing"},
      {"MissingAllowed", RunJson(both), run, "--allow-missing", 0, "medium  missing"},
      {"New", run, RunJson(both), "", 0, "medium  new"},
      {"NewlyFailing", run, RunJson(FailedCaseJson(kSmall, "crashed: SIGSEGV")), "", 1, "crashed: SIGSEGV"},
      {"OutOfMemoryNow", run, oom, "", 1, "1.00 ms -> out_of_memory"},
      {"OutOfMemoryBefore", oom, run, "", 0, "small  fixed  out_of_memory -> 1.00 ms"},
      {"FailingInBoth", oom, oom, "", 2, "Undecided: no case is good in both runs"},
      {"OtherGpu", run, h200, "", 2, "gpu_name: NVIDIA H100 in the baseline, NVIDIA H200 MIG 1g.18gb in the contender"},
      {"OtherGpuIgnored", run, h200, "--ignore-hardware", 0, "gpu_name: NVIDIA H100 -> NVIDIA H200 MIG 1g.18gb"},
      {"OtherDriver", run, driver, "", 0, "driver_version: 550 -> 560"},
      {"OtherTrialCount", run, RunJson(CaseJson(kSmall, 1000, 20)), "", 0, "Passed: none of 1 case"},
      {"OtherTrialCountSlower", run, RunJson(CaseJson(kSmall, 1100, 20)), "", 1, "small  slower"},
      {"SlowerKernelsByThemselvesAreNotGated", RunJson(same + "," + kernel(100)), RunJson(same + "," + kernel(200)), "",
       0, "Passed: none of 1 case is worse."},
      {"NotANumber", RunJson(both), RunJson(nan + "," + CaseJson(kMedium, 2000)), "", 1, "only 9 of 10 trials"},
      {"NotANumberWithMissingAllowed", RunJson(both), RunJson(nan + "," + CaseJson(kMedium, 2000)), "--allow-missing",
       1, "a part of the runs cannot be read"},
      {"NotANumberBefore", RunJson(nan + "," + CaseJson(kMedium, 2000)), RunJson(both), "", 1, "before.json: "},
      {"ALossThatIsNotANumber", run, RunJson(nan_loss), "", 1, "loss is not a finite number"},
      {"OnlyNotANumber", run, RunJson(nan), "", 2, "nothing can be compared: now.json: "},
      {"Truncated", whole, truncated, "", 1, "the file is damaged or cut off"},
      {"TruncatedWithMissingAllowed", whole, truncated, "--allow-missing", 1, "the file is damaged or cut off"},
      {"TruncatedBefore", truncated, whole, "", 1, "before.json: the file is damaged or cut off"},
      {"TooFewTrials", few, few, "", 2, "3 against 3 trials cannot have a p below 0.1"},
      {"TooFewTrialsForTwiceTheTime", few, few_slower, "", 2, "Undecided: 1 of 1 case has too few trials"},
      {"NoCommonCase", run, RunJson(CaseJson(kMedium, 1000)), "", 2, "no case in common"},
      {"NoCase", run, RunJson(""), "", 2, "now.json: it holds no transformer_step case"},
      {"NoJson", run, "BM_memcpy 12 ns", "", 2, "nothing can be compared: now.json: "},
      {"EmptyFile", "", run, "", 2, "nothing can be compared: before.json: the file is empty"},
      {"UnknownUnit", run, Replaced(run, R"("us")", R"("usec")"), "", 2,
       "time_unit 'usec' is none of ns, us, ms and s"},
      {"UnitThatIsNoText", run, Replaced(run, R"("us")", "1"), "", 2, "time_unit '' is none of"},
      {"UnknownUnitOfOneCase", RunJson(both), RunJson(same + "," + Replaced(CaseJson(kMedium, 1), R"("us")", R"("")")),
       "", 1, "time_unit '' is none of"},
      {"OtherUnit", run, Replaced(RunJson(CaseJson(kSmall, 1)), R"("us")", R"("ms")"), "", 0, "Passed"},
      {"FewerRowsThanTheNameSays", run, RunJson(Replaced(CaseJson(kSmall, 1000, 4), "/repeats:4/", "/repeats:10/")), "",
       2, "its name says repeats:10, its rows say repetitions 4"},
      {"OtherRunName", run, Replaced(run, R"("run_type")", R"("run_name": "transformer_step/other", "run_type")"), "",
       2, "its run_name makes it transformer_step/other; left out"},
      {"ThousandIterations", run, Replaced(run, R"("run_type")", R"("iterations": 1000, "run_type")"), "", 2,
       "its rows have iterations 1000 and threads 1"},
      {"EightThreadsInOneCase", RunJson(both),
       RunJson(same + "," + Replaced(CaseJson(kMedium, 2000), R"("run_type")", R"("threads": 8, "run_type")")), "", 1,
       "its rows have iterations 1 and threads 8"},
      {"PartsBeyondTheTrial", run, Replaced(run, R"("time_unit")", R"("backward_us": 2e9, "time_unit")"), "", 2,
       "in the contender, in trial 1, the phases took 2000 s"},
      {"PartsBeyondTheTrialBefore", Replaced(run, R"("time_unit")", R"("end_to_end_us": 9, "time_unit")"), run, "", 2,
       "in the baseline, in trial 1, the trial took 1.00 ms"},
      {"LossesThatJump", RunJson(CaseJson(kSmall, 1000, 10, R"("real_time": 1001, "loss": -5)")), run, "", 2,
       "which is no cross-entropy's"},
      {"NoStepsBefore", run, Replaced(run, R"("time_unit")", R"("steps_before": 0, "time_unit")"), "", 2,
       "0 steps ran before trial 2"},
      {"EqualTrials", run, RunJson(EqualCaseJson(kSmall, 1000)), "", 2, "all 10 trials are equal to the last digit"},
      {"CopiedCase", RunJson(both), RunJson(copied), "", 2, "its trials are those of medium"},
      {"CopiedBaseline", RunJson(same, kH100 + R"(, "git_commit": "a")"s),
       RunJson(same, kH100 + R"(, "git_commit": "b")"s), "", 2,
       "both runs have the same trials, to the last digit, and another git_commit"},
      {"CopiedBaselineOfAnotherDriver", run,
       RunJson(same, R"("device": "cuda", "gpu_name": "NVIDIA H100", "driver_version": "560")"), "", 2,
       "both runs have the same trials, to the last digit"},
      {"CopiedBaselineThatTellsOfMoreSoftware", RunJson(same, kH100 + R"(, "cudnn_version": "91900")"s), run, "", 2,
       "both runs have the same trials, to the last digit"},
      {"ItselfOfOneCommit", RunJson(same, kH100 + R"(, "git_commit": "a")"s),
       RunJson(same, kH100 + R"(, "git_commit": "a")"s), "", 0, "Passed"},
      {"NanosecondsOnACpu", RunJson(same, kCpu), RunJson(Replaced(same, R"("us")", R"("ns")"), kCpu), "", 2,
       "more than any CPU's with"},
      {"Implausible", run, Replaced(run, R"("us")", R"("ns")"), "", 2, "any processor's"},
      {"BothFlags", RunJson(both), h200, "--allow-missing --ignore-hardware", 0, "Passed: none of 2 cases"},
  };
}

INSTANTIATE_TEST_SUITE_P(All, GateTable, testing::ValuesIn(GateRows()),
                         [](const auto& suite) { return std::string(suite.param.name); });

class BadGates : public Gate, public testing::WithParamInterface<BadInput> {};

TEST_P(BadGates, AreRefusedAndNothingIsWritten) {
  WriteWholeFile(folder_ / "a.json", RunJson(CaseJson(kSmall, 1000)));
  fs::create_directories(folder_ / "empty");
  const ProgramOutput output = Tool(GetParam().text + " --markdown summary.md");
  EXPECT_EQ(output.exit_code, 2) << output.text;
  EXPECT_THAT(output.text, AllOf(StartsWith("tbench_gate: error: "), HasSubstr(GetParam().message)));
  EXPECT_FALSE(fs::exists(folder_ / "summary.md"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadGates,
    testing::Values(BadInput{"NoRuns", "", "name two runs"}, BadInput{"OneRun", "a.json", "name two runs"},
                    BadInput{"ThreeRuns", "a.json a.json a.json", "unknown argument 'a.json'"},
                    BadInput{"MissingFile", "a.json b.json", "b.json: there is no such file or folder"},
                    BadInput{"FolderWithoutARun", "empty a.json", "empty: this folder holds no run.json"},
                    BadInput{"UnknownFlag", "a.json a.json --treshold 5%", "did you mean '--threshold'?"},
                    BadInput{"ThresholdIsNoNumber", "a.json a.json --threshold five", "--threshold 'five'"},
                    BadInput{"ThresholdOfFive", "a.json a.json --threshold 5", "such as 5% "},
                    BadInput{"NegativeThreshold", "a.json a.json --threshold=-1%", "--threshold '-1%'"},
                    BadInput{"ThresholdWithoutAValue", "a.json a.json --threshold", "--threshold"},
                    BadInput{"AlphaOfZero", "a.json a.json --alpha 0", "--alpha '0' is not between 0 and 1"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST_F(Gate, TakesRunDirectoriesAndWritesMarkdownWhateverItFinds) {
  for (const auto& [name, first_us] : {std::pair{"before", 1000.0}, std::pair{"now", 1100.0}}) {
    fs::create_directories(folder_ / name);
    WriteWholeFile(folder_ / name / "run.json", RunJson(CaseJson(kSmall, first_us)));
  }
  EXPECT_EQ(Tool("before now --markdown worse.md").exit_code, 1);
  EXPECT_THAT(ReadFile(folder_ / "worse.md"),
              AllOf(StartsWith("### Failed: 1 of 1 case is worse: 1 slower.\n"), HasSubstr("| small  | slower ")));
  EXPECT_EQ(Tool("before before/run.json --markdown same.md").exit_code, 0);
  EXPECT_THAT(ReadFile(folder_ / "same.md"), StartsWith("### Passed: none of 1 case is worse.\n"));
}

TEST_F(Gate, RefusesARunAsMarkdownAndKeepsIt) {
  const std::string run = RunJson(CaseJson(kSmall, 1000));
  fs::create_symlink("now.json", folder_ / "link.md");
  for (const char* name : {"before.json", "now.json", "./now.json", "link.md"}) {
    const ProgramOutput output = Compare(run, run, std::string("--markdown ") + name);
    EXPECT_EQ(output.exit_code, 2);
    EXPECT_THAT(output.text, HasSubstr("is a run that is compared"));
    EXPECT_EQ(ReadFile(folder_ / "before.json"), run);
    EXPECT_EQ(ReadFile(folder_ / "now.json"), run);
  }
}

TEST_F(Gate, RemovesAnEarlierSummaryAndNothingElseIfItCannotCompare) {
  WriteWholeFile(folder_ / "summary.md", "### Passed: none of 1 case is worse.\n");
  WriteWholeFile(folder_ / "notes.md", "precious");
  EXPECT_EQ(Tool("none none --markdown summary.md").exit_code, 2);
  EXPECT_EQ(Tool("none none --markdown notes.md").exit_code, 2);
  EXPECT_FALSE(fs::exists(folder_ / "summary.md"));
  EXPECT_EQ(ReadFile(folder_ / "notes.md"), "precious");
}

TEST_F(Gate, WritesMarkdownWhereTheUserSays) {
  const std::string before = RunJson(CaseJson(kSmall, 1000)), now = RunJson(CaseJson(kSmall, 1100));
  WriteWholeFile(folder_ / "target.md", "### Passed: none of 1 case is worse.\n");
  fs::create_symlink("target.md", folder_ / "latest.md");
  EXPECT_EQ(Compare(before, now, "--markdown latest.md").exit_code, 1);
  EXPECT_TRUE(fs::is_symlink(folder_ / "latest.md"));
  EXPECT_THAT(ReadFile(folder_ / "target.md"), StartsWith("### Failed: "));

  fs::create_symlink("/proc/self/fd/1", folder_ / "stdout");  // as /dev/stdout is, which belongs to everybody
  EXPECT_THAT(Tool("before.json now.json --markdown stdout | cat").text, HasSubstr("### Failed: "));
  WriteWholeFile(folder_ / "log", "earlier\n");
  EXPECT_EQ(Tool("before.json now.json --markdown stdout >> log").exit_code, 1);
  EXPECT_THAT(ReadFile(folder_ / "log"), StartsWith("earlier\n### Failed: "));
}

// As files that a container is given one by one.
TEST_F(Gate, WritesMarkdownIntoAMountPoint) {
  const std::string before = RunJson(CaseJson(kSmall, 1000)), now = RunJson(CaseJson(kSmall, 1100));
  WriteWholeFile(folder_ / "target.md", std::string(100'000, 'x'));
  WriteWholeFile(folder_ / "mounted.md", "");
  EXPECT_EQ(Compare(before, now, "").exit_code, 1);
  const std::string mount = "cd " + folder_.string() + " && unshare -Urm sh -c 'mount --bind target.md mounted.md";
  if (RunCommand(mount + "'").exit_code != 0) GTEST_SKIP() << "cannot mount";
  EXPECT_EQ(RunCommand(mount + " && " TBENCH_GATE " before.json now.json --markdown mounted.md'").exit_code, 1);
  EXPECT_THAT(ReadFile(folder_ / "target.md"), AllOf(StartsWith("### Failed: "), testing::Not(HasSubstr("xxx"))));
}

TEST_F(Gate, ReadsPipesThatTheUserNamesAndNoneInAFolder) {
  WriteWholeFile(folder_ / "a.json", RunJson(CaseJson(kSmall, 1000)));
  EXPECT_EQ(Tool("/dev/stdin a.json < a.json").exit_code, 0);
  EXPECT_EQ(RunCommand("cd " + folder_.string() + " && cat a.json | " TBENCH_GATE " /dev/stdin a.json").exit_code, 0);
  const ProgramOutput pipe = RunCommand(
      "cd " + folder_.string() + " && mkdir run && mkfifo run/run.json && timeout 10 " TBENCH_GATE " run a.json");
  EXPECT_EQ(pipe.exit_code, 2);
  EXPECT_THAT(pipe.text, HasSubstr("no regular file"));
}

TEST_F(Gate, ExitsWithTwoWhereStderrCannotBeWritten) {
  EXPECT_EQ(Tool("none none 2> /dev/full || exit $?").exit_code, 2);
  EXPECT_EQ(Tool("none none 2>&- || exit $?").exit_code, 2);
}

TEST_F(Gate, SaysWhereMarkdownCannotBeWritten) {
  WriteWholeFile(folder_ / "a.json", RunJson(CaseJson(kSmall, 1000)));
  const ProgramOutput output = Tool("a.json a.json --markdown missing/summary.md");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, AllOf(HasSubstr("missing/summary.md"), HasSubstr("Passed: none of 1 case is worse.")));
}

TEST_F(Gate, PassesThePublishedRunsAgainstThemselves) {
  const ProgramOutput output = Tool(TBENCH_TESTDATA "/reference " TBENCH_TESTDATA "/reference");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr("Passed: none of 60 cases is worse."));
}

}  // namespace
}  // namespace tbench
