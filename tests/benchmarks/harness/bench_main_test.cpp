// The command line of transformer_bench, tried on the program with the fake device.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/benchmarks/harness/program_output.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::Not;

class BenchMain : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::remove(json_); }
  void TearDown() override { std::filesystem::remove(json_); }

  ProgramOutput Bench(const std::string& arguments, const std::string& environment = "") const {
    return RunCommand(environment + " " FAKE_TRANSFORMER_BENCH " " + arguments);
  }
  nlohmann::json Json() const { return nlohmann::json::parse(std::ifstream(json_)); }

  const std::string json_ = testing::TempDir() + "bench_main_test." + std::to_string(getpid()) + ".json";
  const std::string out_ = "--benchmark_out=" + json_;
  const std::string kOneCase = "--models tiny --contexts 8 --passes forward --warmups 1 --trials 2 ";
};

TEST_F(BenchMain, ListsTheCasesOfTheGrid) {
  const ProgramOutput output = Bench("--grid published --benchmark_list_tests");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_EQ(std::ranges::count(output.text, '\n'), 60);
  EXPECT_THAT(output.text, HasSubstr("warmups:5/iterations:1/repeats:10/manual_time\n"));
}

TEST_F(BenchMain, RunsWhatTheFilterSelectsAndWritesJson) {
  const ProgramOutput output = Bench("--trials 2 --benchmark_filter='model:tiny/.*pass:forward/.*warmups:1/' " + out_);
  EXPECT_EQ(output.exit_code, 0) << output.text;
  const nlohmann::json json = Json();
  EXPECT_EQ(json["context"]["model.tiny"], "vocab:10000,d_model:64,d_ff:256,layers:2,heads:2");
  EXPECT_EQ(json["context"]["seed"], "0");
  for (const auto& row : json["benchmarks"]) EXPECT_THAT(row["name"], HasSubstr("/pass:forward/"));
  EXPECT_FALSE(json["benchmarks"].empty());
}

TEST_F(BenchMain, DescribesTheGridWithoutRunningIt) {
  const ProgramOutput output = Bench("--describe --models tiny --contexts 8 --passes forward");
  EXPECT_EQ(output.exit_code, 0);
  const nlohmann::json description = nlohmann::json::parse(output.text);
  EXPECT_EQ(description["cases"].size(), 3);
  EXPECT_EQ(description["context"]["device"], "cpu");
  EXPECT_TRUE(description["ceilings"].empty());
}

TEST_F(BenchMain, DescribesWhatPeersMayBeAskedFor) {
  const std::string mine = "vocab:8,d_model:4,d_ff:8,layers:1,heads:2";
  const nlohmann::json peers = nlohmann::json::parse(Bench("--describe --model mine=" + mine).text)["peers"];
  EXPECT_THAT(peers["implementations"], testing::Contains("compile_graph"));
  EXPECT_EQ(peers["models"]["mine"], mine);
  EXPECT_EQ(peers["models"]["tiny"], "vocab:10000,d_model:64,d_ff:256,layers:2,heads:2");
  EXPECT_EQ(peers["passes"]["forward_backward"], (nlohmann::json{{"backward", true}, {"optimizer", false}}));
  EXPECT_EQ(peers["precisions"], (nlohmann::json{"fp32", "tf32", "bf16"})) << "which LibTorch's operators have";
}

TEST_F(BenchMain, RefusesOnEveryDeviceWhatTheBuildCannotRun) {
  for (const auto& [flags, reason] : {std::pair{"--launch graph", "launch:graph needs a GPU"},
                                      std::pair{"--kernels fused", "kernels:fused needs a GPU"},
                                      std::pair{"--precisions tf32", "precision:tf32 needs a GPU"}}) {
    const std::string grid = "--models tiny --contexts 8 --passes forward --warmups 1 --trials 2 ";
    EXPECT_EQ(Bench(grid + flags + " " + out_).exit_code, 1);
    EXPECT_EQ(Json()["benchmarks"][0]["error_message"], std::string("not_supported: ") + reason);
  }
}

TEST_F(BenchMain, RunsCeilingsAfterTheCases) {
  const ProgramOutput output =
      Bench("--models tiny --contexts 8 --passes forward --warmups 0 --trials 2 --ceilings on " + out_);
  EXPECT_EQ(output.exit_code, 0) << output.text;
  std::vector<std::string> names;
  const nlohmann::json rows = Json()["benchmarks"];
  for (const auto& row : rows) {
    if (row["run_type"] == "iteration" && row["repetition_index"] == 1) names.push_back(row["name"]);
  }
  EXPECT_THAT(names, testing::ElementsAre(testing::StartsWith("transformer_step/"),
                                          "ceiling/gemm/precision:fp32/size:1024/iterations:1/repeats:5/manual_time",
                                          "ceiling/gemm/precision:fp32/size:2048/iterations:1/repeats:5/manual_time",
                                          "ceiling/copy/bytes:268435456/iterations:1/repeats:5/manual_time"));
}

TEST_F(BenchMain, ReportsTheRateOfACeiling) {
  EXPECT_EQ(Bench("--models tiny --ceilings on --benchmark_filter=^ceiling/ " + out_).exit_code, 0);
  const nlohmann::json rows = Json()["benchmarks"];
  EXPECT_EQ(rows[0]["flops_per_second"], 2.0 * 1024 * 1024 * 1024);  // a fake ceiling takes one second
  for (const auto& row : rows) EXPECT_EQ(row["name"].get<std::string>().substr(0, 8), "ceiling/");
}

TEST_F(BenchMain, RunsKernelsByThemselvesOnlyWhenAsked) {
  const std::string fused = "--models tiny --contexts 8 --passes forward --warmups 0 --kernels fused ";
  EXPECT_THAT(Bench(fused + "--benchmark_list_tests").text, Not(HasSubstr("kernel/")));
  const ProgramOutput output =
      Bench(fused + "--kernel-benchmarks --benchmark_filter=^kernel/.*softmax " + out_, "TBENCH_FAKE_GPU=1");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  const nlohmann::json row = Json()["benchmarks"][0];
  EXPECT_EQ(row["run_name"],
            "kernel/causal_softmax/direction:forward/precision:fp32/matrices:8/context:8/iterations:1/repeats:5/"
            "manual_time");
  EXPECT_EQ(row["bytes_per_second"], 8 * (36 + 64) * 4);  // a fake kernel takes one second
  EXPECT_FALSE(row.contains("flops_per_second"));
}

TEST_F(BenchMain, TellsTheFlopsOfKernelsWithAProductInThem) {
  const std::string fused =
      "--models tiny --contexts 8 --passes forward --warmups 0 --kernels fused --precisions bf16 ";
  const ProgramOutput output =
      Bench(fused + "--kernel-benchmarks --benchmark_filter=^kernel/swiglu_product/direction:forward " + out_,
            "TBENCH_FAKE_GPU=1");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  const nlohmann::json row = Json()["benchmarks"][0];
  EXPECT_EQ(row["flops_per_second"], 4 * 32 * 64 * 256);  // 4 · 8 rows; a fake kernel takes one second
}

TEST_F(BenchMain, SaysThatACpuRunsNoKernels) {
  const ProgramOutput output =
      Bench("--models tiny --kernels fused --kernel-benchmarks --benchmark_filter=^kernel/adamw " + out_);
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_EQ(Json()["benchmarks"][0]["error_message"], "not_supported: a fused kernel needs a GPU");
}

TEST_F(BenchMain, ExitsWithOneIfACaseFailed) {
  const ProgramOutput output = Bench("--models tiny --contexts 8 " + out_, "TBENCH_FAKE_FAULTS=warmups:1=oom@trial3");
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(output.text, HasSubstr("ERROR OCCURRED: 'out_of_memory: "));
  EXPECT_FALSE(Json()["benchmarks"].empty());
}

TEST_F(BenchMain, WritesTheRowsOfAllCasesWhereOneLostTheDevice) {
  const ProgramOutput output =
      Bench("--models tiny --contexts 8 --passes forward --warmups 0,1 --ceilings on --trials 2 " + out_,
            "TBENCH_FAKE_FAULTS=warmups:0=lost@trial0");
  EXPECT_EQ(output.exit_code, 1) << output.text;
  int failed = 0, not_run = 0;
  const nlohmann::json rows = Json()["benchmarks"];
  for (const auto& row : rows) {
    const std::string message = row.value("error_message", "");
    ++(message == "failed: planted in trial0" ? failed : not_run);
    EXPECT_TRUE(row.value("error_occurred", false)) << row;
    EXPECT_THAT(message, testing::AnyOf(HasSubstr("planted in trial0"), HasSubstr("not run: an earlier benchmark")));
  }
  EXPECT_GT(failed, 0);
  EXPECT_GT(not_run, 4) << "the other case and the ceilings";
}

TEST_F(BenchMain, KnowsHelpAndVersion) {
  const ProgramOutput help = Bench("--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.text, HasSubstr("Examples:"));
  const ProgramOutput version = Bench("--version");
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.text, HasSubstr("(commit "));
}

struct BadInput {
  const char* name;
  const char* arguments;
  const char* environment;
  const char* message;
};
void PrintTo(const BadInput& bad, std::ostream* out) { *out << bad.environment << " " << bad.arguments; }

class BadInputs : public BenchMain, public testing::WithParamInterface<BadInput> {};

TEST_P(BadInputs, AreRefusedBeforeAnythingIsWritten) {
  const ProgramOutput output = Bench(GetParam().arguments + (" " + out_), GetParam().environment);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("error: "));
  EXPECT_THAT(output.text, HasSubstr(GetParam().message));
  EXPECT_FALSE(std::filesystem::exists(json_));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadInputs,
    testing::Values(
        BadInput{"UnknownModel", "--models smal", "", "did you mean 'small'?"},
        BadInput{"UnknownAxisValue", "--precisions fp23", "", "did you mean 'fp32'?"},
        BadInput{"UnknownFlag", "--wramups 1", "", "did you mean '--warmups'?"},
        BadInput{"UnknownPreset", "--grid publishd", "", "did you mean 'published'?"},
        BadInput{"HeadsDoNotDivide", "--model m=vocab:9,d_model:10,d_ff:9,layers:1,heads:3", "", "do not divide"},
        BadInput{"OddHeadSize", "--model m=vocab:9,d_model:9,d_ff:9,layers:1,heads:3", "", "is odd"},
        BadInput{"Overflow", "--contexts 99999999999999999999", "", "too large"},
        BadInput{"MissingValue", "--trials", "", "--trials"},
        BadInput{"ProfileWithoutAGpu", "--profile /tmp", "", "--profile needs a GPU"},
        BadInput{"UnknownCeilings", "--ceilings yes", "", "auto, on, off"},
        BadInput{"KernelsOfComposedCases", "--kernel-benchmarks", "", "add --kernels fused"},
        BadInput{"FilterMatchesNothing", "--benchmark_filter=zzz", "", "matches none of the grid's 24 benchmarks"},
        BadInput{"FilterFromTheEnvironment", "", "BENCHMARK_FILTER=zzz", "matches none"},
        BadInput{"FilterIsNoRegex", "--benchmark_filter='('", "", "is no regular expression"},
        BadInput{"UnknownLibraryFlag", "--benchmark_fromat=json", "", "--benchmark_fromat"},
        BadInput{"BadLibraryValue", "--benchmark_format=jsno", "", "did you mean 'json'?"},
        BadInput{"CsvThatWouldAbort", "--benchmark_out_format=csv", "", "Allowed: console, json"},
        BadInput{"Interleaving", "--benchmark_enable_random_interleaving", "", "several cases alive"},
        BadInput{"InterleavingByEnvironment", "", "BENCHMARK_ENABLE_RANDOM_INTERLEAVING=1", "several cases alive"},
        BadInput{"MinWarmUpTime", "--benchmark_min_warmup_time=1", "", "use --warmups"},
        BadInput{"MinWarmUpTimeByEnvironment", "", "BENCHMARK_MIN_WARMUP_TIME=1", "use --warmups"},
        BadInput{"Repetitions", "--benchmark_repetitions=3", "", "use --trials"},
        BadInput{"RepetitionsByEnvironment", "", "BENCHMARK_REPETITIONS=3", "use --trials"},
        BadInput{"DryRun", "--benchmark_dry_run", "", "use --trials 1"},
        BadInput{"DryRunByEnvironment", "", "BENCHMARK_DRY_RUN=1", "use --trials 1"},
        BadInput{"ContextOfOurs", "--benchmark_context=git_commit=mine", "", "'git_commit', which this program writes"},
        BadInput{"ContextThatACpuLacks", "--benchmark_context=note=x,gpu_name=H100", "", "'gpu_name'"},
        BadInput{"ContextOfAModel", "--benchmark_context=note=x --benchmark_context=model.tiny=x", "", "'model.tiny'"},
        BadInput{"ContextOfTheLibrary", "--benchmark_context=date=x --benchmark_context=note=y", "", "'date'"},
        BadInput{"ContextByEnvironment", "", "BENCHMARK_CONTEXT=device=cuda", "'device'"},
        BadInput{"ContextThatIsNoUtf8", "--benchmark_context=note=h\xf6", "", "is no UTF-8"},
        BadInput{"AggregatesOnly", "--benchmark_report_aggregates_only=true", "", "drop the trials"},
        BadInput{"AggregatesOnlyByEnvironment", "", "BENCHMARK_REPORT_AGGREGATES_ONLY=1", "drop the trials"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST_F(BenchMain, RefusesAnOutputFileThatCannotBeWritten) {
  const ProgramOutput output = Bench("--benchmark_out=/nonexistent/x.json");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("'/nonexistent/x.json' cannot be written"));
}

TEST_F(BenchMain, LeavesAnExistingFileAloneWhenItRefusesOrLists) {
  std::ofstream(json_) << "precious";
  const auto content = [this] {
    std::string text;
    std::ifstream(json_) >> text;
    return text;
  };
  EXPECT_EQ(Bench("--benchmark_filter=zzz " + out_).exit_code, 2);
  EXPECT_EQ(content(), "precious");
  for (const char* list : {"--benchmark_list_tests", "--benchmark_list_tests=TRUE", "--benchmark_list_tests=1"}) {
    const ProgramOutput output = Bench(out_ + " --models tiny " + list);
    EXPECT_EQ(output.exit_code, 0) << output.text;
    EXPECT_THAT(output.text, HasSubstr("transformer_step/model:tiny/"));
    EXPECT_EQ(content(), "precious") << list;
  }
  EXPECT_EQ(Bench("--models tiny", "BENCHMARK_LIST_TESTS=true BENCHMARK_OUT=" + json_).exit_code, 0);
  EXPECT_EQ(content(), "precious");
}

TEST_F(BenchMain, WritesTheFileWhereListingIsSwitchedOff) {
  for (const char* off : {"--benchmark_list_tests=false", "--benchmark_list_tests=0", "--benchmark_list_tests=No"}) {
    EXPECT_EQ(Bench(kOneCase + off + " " + out_).exit_code, 0);
    EXPECT_FALSE(Json()["benchmarks"].empty()) << off;
    std::filesystem::remove(json_);
  }
}

TEST_F(BenchMain, WritesUtf8WhateverItsNameAndItsMachineAre) {
  const std::string folder = json_ + ".h\xf6me";
  std::filesystem::create_directories(folder);
  std::filesystem::create_symlink(FAKE_TRANSFORMER_BENCH, folder + "/bench");
  const std::string fakes = "TBENCH_FAKE_CPU='a\xf6' ";
  const ProgramOutput output = RunCommand(fakes + folder + "/bench " + kOneCase + out_);
  const ProgramOutput description = RunCommand(fakes + folder + "/bench --describe " + kOneCase);
  std::filesystem::remove_all(folder);
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_EQ(Json()["context"]["cpu_name"], "a\uFFFD");
  EXPECT_THAT(Json()["context"]["executable"].get<std::string>(), testing::EndsWith(".h\uFFFDme/bench"));
  EXPECT_EQ(nlohmann::json::parse(description.text)["context"]["cpu_name"], "a\uFFFD");
}

TEST_F(BenchMain, WritesErrorsAsUtf8) {
  EXPECT_EQ(Bench(kOneCase + out_, "TBENCH_FAKE_FAULTS='warmups=say h\xf6@trial0'").exit_code, 1);
  EXPECT_EQ(Json()["benchmarks"][0]["error_message"], "failed: say h\uFFFD");
}

TEST_F(BenchMain, AddsAUsersContext) {
  EXPECT_EQ(Bench(kOneCase + "--benchmark_context=note=mine,node=7 " + out_).exit_code, 0);
  EXPECT_EQ(Json()["context"]["note"], "mine");
  EXPECT_EQ(Json()["context"]["node"], "7");
}

}  // namespace
}  // namespace tbench
