// Ceilings and profiles around the cases of a sweep.

#include <gmock/gmock.h>

#include <fstream>

#include "tests/benchmarks/sweep/sweep_fixture.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class SweepCeilings : public SweepTest {
 protected:
  const std::string arguments_ = " --models tiny --contexts 8,16 --passes forward --warmups 1 --trials 3";

  // The benchmarks of a run in its order, each by the beginning of its name.
  static std::vector<std::string> Families(const nlohmann::json& run) {
    std::vector<std::string> families;
    std::int64_t last = -1;
    for (const auto& row : run["benchmarks"]) {
      const auto index = row["family_index"].get<std::int64_t>();
      if (index == last) continue;
      last = index;
      const auto name = row["name"].get<std::string>();
      families.push_back(name.starts_with("transformer_step") ? "case" : name.substr(0, name.find("/iterations")));
    }
    return families;
  }
};

TEST_F(SweepCeilings, AreMeasuredFirstAndTheMainOnesAgainLast) {
  const ProgramOutput output = Sweep(arguments_ + " --ceilings on");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(output.text, HasSubstr("ceilings: fp32 "));
  EXPECT_THAT(Families(Run()), ElementsAre("ceiling/gemm/precision:fp32/size:1024",
                                           "ceiling/gemm/precision:fp32/size:2048", "ceiling/copy/bytes:268435456",
                                           "case", "case", "ceiling/gemm/precision:fp32/size:2048/moment:end",
                                           "ceiling/copy/bytes:268435456/moment:end"));
}

TEST_F(SweepCeilings, AreLeftOutOnACpuUnlessAskedFor) {
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  EXPECT_THAT(Families(Run()), ElementsAre("case", "case", "case"));
}

TEST_F(SweepCeilings, AreNotMeasuredAgainWhenAllIsDone) {
  ASSERT_EQ(Sweep(arguments_ + " --ceilings on").exit_code, 0);
  const nlohmann::json first = Run();
  EXPECT_THAT(Sweep(arguments_ + " --ceilings on").text, Not(HasSubstr("ceilings: ")));
  EXPECT_EQ(Run(), first);
}

TEST_F(SweepCeilings, AreMeasuredAgainIfTheirFileIsBad) {
  ASSERT_EQ(Sweep(arguments_ + " --ceilings on").exit_code, 0);
  std::ofstream(run_ / "cases" / "ceilings-end.json") << "{";
  EXPECT_THAT(Sweep(arguments_ + " --ceilings on").text,
              HasSubstr("the ceilings are measured again, their file is bad"));
  EXPECT_THAT(Families(Run()), testing::SizeIs(7));
}

TEST_F(SweepCeilings, AreMeasuredAgainIfTheyAreOfAnotherRun) {
  ASSERT_EQ(Sweep(arguments_ + " --ceilings on").exit_code, 0);
  const fs::path path = run_ / "cases" / "ceilings-end.json";
  nlohmann::json file = nlohmann::json::parse(std::ifstream(path));
  file["context"]["seed"] = "99";
  std::ofstream(path) << file;
  EXPECT_THAT(Sweep(arguments_ + " --ceilings on").text, HasSubstr("seed: '0' there, '99' here"));
}

TEST_F(SweepCeilings, AreNotMeasuredWithAnotherProgram) {
  // Its second process is the only case's: the program is another one when that has ended.
  const fs::path program = directory_ / "bench";
  std::ofstream(program) << "#!/bin/sh\ncase \"$*\" in *--describe*) ;; *) echo x >> " << directory_.string()
                         << "/started;; esac\n[ \"$(wc -l < " << directory_.string()
                         << "/started)\" = 2 ] && echo '#' >> \"$0\"\nexec " FAKE_TRANSFORMER_BENCH " \"$@\"\n";
  fs::permissions(program, fs::perms(0755));
  std::ofstream(directory_ / "started") << "";
  const ProgramOutput output = Sweep(
      " --models tiny --contexts 8 --passes forward --warmups 1 --trials 3 --ceilings on "
      "--binary " +
      program.string());
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("was replaced during the sweep"));
  EXPECT_FALSE(fs::exists(run_ / "cases" / "ceilings-end.json"));
}

TEST_F(SweepCeilings, ThatFailAreToldAndTheCasesRunAllTheSame) {
  const ProgramOutput output = Sweep(arguments_ + " --ceilings on", "TBENCH_FAKE_FAULTS=ceiling/copy=throw@setup");
  EXPECT_EQ(output.exit_code, 1);
  EXPECT_THAT(output.text, AllOf(HasSubstr("failed: ceiling/copy/bytes:268435456: failed: planted in setup"),
                                 HasSubstr("2 cases: 2 good, 0 failed")));
  EXPECT_THAT(Run().dump(), HasSubstr("failed: planted in setup"));
}

TEST_F(SweepCeilings, AreKeptOfEveryPartThatIsMerged) {
  for (const std::string part : {"0", "1"}) {
    ASSERT_EQ(Sweep(arguments_ + " --ceilings on --shard " + part + "/2").exit_code, 0);
    fs::rename(run_, directory_ / part);
  }
  const std::string parts = (directory_ / "0").string() + " " + (directory_ / "1").string();
  const ProgramOutput output = RunCommand(TBENCH_SWEEP " merge " + parts + " -o " + run_.string());
  EXPECT_EQ(output.exit_code, 0) << output.text;
  const std::vector<std::string> families = Families(Run());
  ASSERT_EQ(families.size(), 12);
  EXPECT_THAT(families[0], StartsWith("ceiling/"));
  EXPECT_THAT(families[5], StartsWith("ceiling/"));
  EXPECT_EQ(families[6], "case");
  EXPECT_EQ(families[7], "case");
  EXPECT_THAT(families[11], StartsWith("ceiling/copy"));
}

TEST_F(SweepCeilings, BelongToWhatARunIs) {
  ASSERT_EQ(Sweep(arguments_ + " --ceilings on").exit_code, 0);
  const ProgramOutput output = Sweep(arguments_ + " --ceilings off");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("ceilings: 3 there, 0 here"));
}

TEST_F(SweepCeilings, AProfileNeedsAGpu) {
  const ProgramOutput output = Sweep(kThreeCases + " --profile");
  EXPECT_EQ(output.exit_code, 2) << output.text;
  EXPECT_THAT(output.text, HasSubstr("--profile needs a GPU"));
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(SweepCeilings, AProfileLeavesATraceOfEachCase) {
  const ProgramOutput output = Sweep(kThreeCases + " --profile", "TBENCH_FAKE_GPU=1");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_EQ(std::distance(fs::directory_iterator(run_ / "traces"), {}), 3);
  EXPECT_THAT(Run()["context"]["command"].get<std::string>(), HasSubstr(" --profile"));
}

}  // namespace
}  // namespace tbench
