// Whatever a case's process does, its row says so and its neighbours are untouched.

#include <gmock/gmock.h>

#include <fstream>

#include "tests/benchmarks/sweep/sweep_fixture.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct PlantedFault {
  const char* name;
  const char* fault;
  const char* message;  // how the row's error_message begins
  const char* detail = "";
};
void PrintTo(const PlantedFault& fault, std::ostream* out) { *out << fault.fault; }

class SweepFaults : public SweepTest, public testing::WithParamInterface<PlantedFault> {};

TEST_P(SweepFaults, BecomeARowAndLeaveTheNeighboursAlone) {
  const std::string environment = "TBENCH_FAKE_FAULTS=context:16/=" + std::string(GetParam().fault);
  const ProgramOutput output = Sweep(kThreeCases + " --case-timeout 1", environment);
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("failed: tiny context:16: " + std::string(GetParam().message)),
                                 HasSubstr("3 cases: 2 good, 1 failed")));
  std::vector<std::string> trials = Trials(Run());
  EXPECT_THAT(trials, Contains(AllOf(StartsWith("context:16 " + std::string(GetParam().message)),
                                     HasSubstr(GetParam().detail))));
  std::erase_if(trials, [](const std::string& trial) { return trial.starts_with("context:16 "); });
  EXPECT_THAT(trials, ElementsAre("context:8 trial 0", "context:8 trial 1", "context:8 trial 2", "context:32 trial 0",
                                  "context:32 trial 1", "context:32 trial 2"));
}

INSTANTIATE_TEST_SUITE_P(
    All, SweepFaults,
    testing::Values(PlantedFault{"ExceptionInSetUp", "throw@setup", "failed: ", "planted in setup"},
                    PlantedFault{"ExceptionInWarmUp", "throw@warmup0", "failed: ", "planted in warmup0"},
                    PlantedFault{"ExceptionInFirstTrial", "throw@trial0", "failed: ", "planted in trial0"},
                    PlantedFault{"ExceptionInMiddleTrial", "throw@trial1", "failed: ", "planted in trial1"},
                    PlantedFault{"ExceptionInLastTrial", "throw@trial2", "failed: ", "planted in trial2"},
                    PlantedFault{"OutOfMemoryInSetUp", "oom@setup", "out_of_memory: "},
                    PlantedFault{"OutOfMemoryInLastTrial", "oom@trial2", "out_of_memory: "},
                    PlantedFault{"NotSupported", "unsupported@setup", "not_supported: "},
                    PlantedFault{"NanLoss", "nan@trial1", "numerics: "},
                    PlantedFault{"UnknownException", "unknown@warmup0", "failed: "},
                    PlantedFault{"KilledInSetUp", "sigkill@setup", "crashed: killed by SIGKILL", "out-of-memory"},
                    PlantedFault{"KilledInLastTrial", "sigkill@trial2", "crashed: killed by SIGKILL"},
                    PlantedFault{"ExitsInATrial", "exit@trial1", "crashed: exit code 7"},
                    PlantedFault{"HangsInATrial", "hang@trial1", "timed_out: not done after 1 s"},
                    PlantedFault{"HalfAJson", "half_json@setup", "crashed: exit code 0", "no complete JSON"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST_F(SweepTest, WritesRowsThatCompareReadsForADeadChild) {
  Sweep(kThreeCases, "TBENCH_FAKE_FAULTS=context:16/=sigkill@trial0");
  const nlohmann::json run = Run();
  const auto& rows = run["benchmarks"];
  const auto dead = std::ranges::find_if(rows, [](const auto& row) { return row.value("error_occurred", false); });
  ASSERT_NE(dead, rows.end());
  EXPECT_THAT((*dead)["name"], testing::EndsWith("/iterations:1/repeats:3/manual_time"));
  EXPECT_EQ((*dead)["name"], (*dead)["run_name"]);
  EXPECT_EQ((*dead)["real_time"], 0);
  EXPECT_EQ((*dead)["cpu_time"], 0);
  EXPECT_EQ((*dead)["time_unit"], "us");
  EXPECT_EQ((*dead)["family_index"], 1);
}

TEST_F(SweepTest, KeepsFailedCasesUntilTheyAreToBeRetried) {
  EXPECT_EQ(Sweep(kThreeCases, "TBENCH_FAKE_FAULTS=context:16/=oom@setup").exit_code, 1);
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.text, AllOf(HasSubstr("3 of 3 cases are done already"), HasSubstr("out_of_memory")));
  const ProgramOutput retried = Sweep(kThreeCases + " --retry-failed");
  EXPECT_EQ(retried.exit_code, 0) << retried.text;
  EXPECT_THAT(retried.text, HasSubstr("2 of 3 cases are done already"));
  EXPECT_THAT(Trials(Run()), AllOf(testing::SizeIs(9), Not(Contains(HasSubstr("out_of_memory")))));
}

TEST_F(SweepTest, ShowsNoControlCharactersOfFiles) {
  const std::string evil = "a\x1b[2J\n::error::forged", shown = "a [2J : :error::forged";
  ASSERT_EQ(Sweep(kThreeCases, "TBENCH_FAKE_FAULTS=context:16/=oom@setup").exit_code, 1);
  for (const auto& entry : std::filesystem::directory_iterator(run_ / "cases")) {
    if (entry.path().extension() != ".json") continue;
    nlohmann::json file = nlohmann::json::parse(std::ifstream(entry.path()));
    for (auto& row : file["benchmarks"]) {
      if (row.value("error_occurred", false)) row["error_message"] = evil;
    }
    std::ofstream(entry.path()) << file;
  }
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_THAT(again.text, AllOf(HasSubstr("failed: tiny context:16: " + shown), Not(HasSubstr("\x1b"))));

  nlohmann::json manifest = nlohmann::json::parse(std::ifstream(run_ / "sweep.json"));
  manifest["cases"].push_back(evil);
  std::ofstream(run_ / "sweep.json") << manifest;
  const ProgramOutput merged =
      RunCommand(TBENCH_SWEEP " merge " + run_.string() + " -o " + (directory_ / "joined").string());
  EXPECT_EQ(merged.exit_code, 1);
  EXPECT_THAT(merged.text, AllOf(HasSubstr("warning: no run has " + shown), Not(HasSubstr("\x1b"))));
}

TEST_F(SweepTest, RunsACaseAgainWhoseFileWasSpoilt) {
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  std::filesystem::path spoilt;
  for (const auto& entry : std::filesystem::directory_iterator(run_ / "cases")) {
    if (entry.path().extension() == ".json") spoilt = entry.path();
  }
  std::filesystem::resize_file(spoilt, 100);
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.text, AllOf(HasSubstr("its file is bad"), HasSubstr("2 of 3 cases are done already")));
  EXPECT_THAT(Trials(Run()), testing::SizeIs(9));
}

}  // namespace
}  // namespace tbench
