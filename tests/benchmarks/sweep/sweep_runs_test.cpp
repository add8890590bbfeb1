// What a sweep leaves, what it goes on with, and how runs are joined.

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/bad_input.h"
#include "tests/benchmarks/sweep/sweep_fixture.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

using SweepRuns = SweepTest;

TEST_F(SweepRuns, RunWithClosedDescriptors) {
  EXPECT_EQ(Sweep(kThreeCases + " <&- >&- 2>&- || exit $?").exit_code, 0);
  EXPECT_EQ(Trials(Run()).size(), 9U);
}

TEST_F(SweepRuns, TellThatStdoutIsFull) {
  const ProgramOutput output = Sweep(kThreeCases + " 2>&1 > /dev/full || exit $?");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, testing::HasSubstr("cannot write to stdout"));
}

TEST_F(SweepRuns, AreDoneThoughNobodyReadsTheirOutput) {
  const std::string code = directory_ / "code";
  RunCommand("{ " + Words(kThreeCases) + " 2> /dev/null; echo $? > " + code + "; } | true");
  int exit_code = -1;
  std::ifstream(code) >> exit_code;
  EXPECT_EQ(exit_code, 2);
  EXPECT_EQ(Trials(Run()).size(), 9U);
}

TEST_F(SweepRuns, DoNotWriteThroughLinks) {
  fs::create_directories(directory_ / "elsewhere");
  fs::create_directories(run_);
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  for (const char* folder : {"cases", "traces", "remeasured"}) {
    fs::rename(run_, directory_ / "whole");
    fs::copy(directory_ / "whole", run_, fs::copy_options::recursive);
    fs::remove_all(run_ / folder);
    fs::create_directory_symlink(directory_ / "elsewhere", run_ / folder);
    const ProgramOutput output = Sweep(kThreeCases);
    EXPECT_EQ(output.exit_code, 2) << folder;
    EXPECT_THAT(output.text, HasSubstr(std::string(folder) + "' is a link"));
    fs::remove_all(run_);
    fs::rename(directory_ / "whole", run_);
  }
  EXPECT_TRUE(fs::is_empty(directory_ / "elsewhere"));
}

TEST_F(SweepRuns, MayBeginWhereTheirOwnLogIs) {
  fs::create_directories(run_);
  EXPECT_EQ(RunCommand(Words(kThreeCases) + " > " + (run_ / "slurm-1.out").string()).exit_code, 0);
  EXPECT_EQ(Trials(Run()).size(), 9U);
  EXPECT_GT(fs::file_size(run_ / "slurm-1.out"), 0U);
}

TEST_F(SweepRuns, LeaveOneMergedFileInTheGridsOrder) {
  const ProgramOutput output = Sweep(kThreeCases);
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("3/3 tiny context:32: "), HasSubstr("3 cases: 3 good, 0 failed\n"),
                                 HasSubstr("overhead "), HasSubstr(" s a case (set-up ")));
  const nlohmann::json run = Run();
  EXPECT_THAT(Trials(run), ElementsAre("context:8 trial 0", "context:8 trial 1", "context:8 trial 2",
                                       "context:16 trial 0", "context:16 trial 1", "context:16 trial 2",
                                       "context:32 trial 0", "context:32 trial 1", "context:32 trial 2"));
  std::vector<int> families;
  for (const auto& row : run["benchmarks"]) {
    if (families.empty() || families.back() != row["family_index"]) families.push_back(row["family_index"]);
  }
  EXPECT_THAT(families, ElementsAre(0, 1, 2));
}

TEST_F(SweepRuns, SayWhereTheyComeFromWithoutNamingThePlace) {
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  const nlohmann::json context = Run()["context"];
  EXPECT_EQ(context["command"],
            "tbench_sweep --models tiny --contexts 8,16,32 --passes forward --warmups 1 --trials 3");
  EXPECT_EQ(context["executable"], "transformer_bench");
  EXPECT_THAT(Run().dump(), Not(HasSubstr(directory_.string())));
}

TEST_F(SweepRuns, DoNotHeedTheLibrarysVariables) {
  EXPECT_EQ(Sweep(kThreeCases, "BENCHMARK_FILTER=nothing BENCHMARK_REPETITIONS=5").exit_code, 0);
  EXPECT_THAT(Trials(Run()), SizeIs(9));
}

TEST_F(SweepRuns, DoNothingAgainWhenAllIsDone) {
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  const nlohmann::json first = Run();
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.text, HasSubstr("3 of 3 cases are done already"));
  EXPECT_EQ(Run(), first);
}

TEST_F(SweepRuns, AreNotMixedWithAnotherGridMachineOrProgram) {
  ASSERT_EQ(Sweep(kThreeCases).exit_code, 0);
  const nlohmann::json before = Run();

  const ProgramOutput grid = Sweep(kThreeCases + " --batch 8");
  EXPECT_EQ(grid.exit_code, 2);
  EXPECT_THAT(grid.text, AllOf(HasSubstr("grid: 3 cases there, 3 here, only there is"), HasSubstr("batch:4")));
  const ProgramOutput seed = Sweep(kThreeCases + " --seed 1");
  EXPECT_EQ(seed.exit_code, 2);
  EXPECT_THAT(seed.text, HasSubstr("seed: '0' there, '1' here"));
  const ProgramOutput shard = Sweep(kThreeCases + " --shard 0/2");
  EXPECT_EQ(shard.exit_code, 2);
  EXPECT_THAT(shard.text, HasSubstr("shard: 0/1 there, 0/2 here"));
  const ProgramOutput machine = Sweep(kThreeCases, "TBENCH_FAKE_CPU=other");
  EXPECT_EQ(machine.exit_code, 2);
  EXPECT_THAT(machine.text, HasSubstr("cpu_name: 'a fake' there, 'other' here"));

  const fs::path other = directory_ / "other_bench";
  fs::copy_file(FAKE_TRANSFORMER_BENCH, other);
  std::ofstream(other, std::ios::app) << "x";
  const ProgramOutput binary = Sweep(kThreeCases + " --binary " + other.string());
  EXPECT_EQ(binary.exit_code, 2);
  EXPECT_THAT(binary.text, HasSubstr("benchmark program: hash"));
  EXPECT_EQ(Run(), before);
}

TEST_F(SweepRuns, StayOnOneGpuAndAreJoinedFromMany) {
  ASSERT_EQ(Sweep(kThreeCases + " --shard 0/2", "TBENCH_FAKE_UUID=GPU-1").exit_code, 0);
  const ProgramOutput resumed = Sweep(kThreeCases + " --shard 0/2", "TBENCH_FAKE_UUID=GPU-2");
  EXPECT_EQ(resumed.exit_code, 2);
  EXPECT_THAT(resumed.text, HasSubstr("gpu_uuid: 'GPU-1' there, 'GPU-2' here: another GPU"));

  const std::string first = run_.string();
  run_ = directory_ / "second";
  ASSERT_EQ(Sweep(kThreeCases + " --shard 1/2", "TBENCH_FAKE_UUID=GPU-2").exit_code, 0);
  const fs::path joined = directory_ / "joined";
  EXPECT_EQ(RunCommand(TBENCH_SWEEP " merge " + first + " " + run_.string() + " -o " + joined.string()).exit_code, 0);
  EXPECT_EQ(RunAt(joined)["context"]["gpu_uuid"], "GPU-1, GPU-2");
}

// The case files of a run that has ended.
std::vector<fs::path> CaseFilesIn(const fs::path& run) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(run / "cases")) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  }
  return files;
}

TEST_F(SweepRuns, MeasureAgainWhatIsOfAnotherMachineCommitOrSeed) {
  ASSERT_EQ(Sweep(kThreeCases).exit_code, 0);
  const nlohmann::json before = Run()["context"];
  std::size_t next = 0;
  const std::vector<fs::path> files = CaseFilesIn(run_);
  for (const auto& [key, value] : {std::pair{"cpu_name", "forged"}, {"git_commit", "forged"}, {"seed", "99"}}) {
    nlohmann::json file = nlohmann::json::parse(std::ifstream(files[next]));
    file["context"][key] = value;
    std::ofstream(files[next++]) << file;
  }
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 0);
  EXPECT_THAT(again.text, AllOf(HasSubstr("is run again"), HasSubstr("'forged' here"),
                                HasSubstr("seed: '0' there, '99'"), Not(HasSubstr("done already"))));
  EXPECT_EQ(Run()["context"]["git_commit"], before["git_commit"]);
}

TEST_F(SweepRuns, KeepNoCaseThatAnotherGpuMeasured) {
  const fs::path program = directory_ / "bench";
  std::ofstream(program) << "#!/bin/sh\ncase \"$*\" in *--describe*) ;; *) export TBENCH_FAKE_UUID=GPU-2;; esac\n"
                            "exec " FAKE_TRANSFORMER_BENCH " \"$@\"\n";
  fs::permissions(program, fs::perms(0755));
  const ProgramOutput output = Sweep(kThreeCases + " --binary " + program.string(), "TBENCH_FAKE_UUID=GPU-1");
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, AllOf(HasSubstr("is not kept: it is of another run"),
                                 HasSubstr("gpu_uuid: 'GPU-1' there, 'GPU-2' here: another GPU")));
  EXPECT_EQ(CaseFiles(), 0);
}

TEST_F(SweepRuns, MeasureAgainWhatIsALinkToAResult) {
  ASSERT_EQ(Sweep(kThreeCases).exit_code, 0);
  const fs::path file = CaseFilesIn(run_).front(), elsewhere = run_.parent_path() / "elsewhere.json";
  fs::rename(file, elsewhere);
  fs::create_symlink(elsewhere, file);
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 0) << again.text;
  EXPECT_THAT(again.text, AllOf(HasSubstr("it is no regular file"), HasSubstr("2 of 3 cases are done already")));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(file)));
  EXPECT_TRUE(fs::exists(elsewhere));
}

TEST_F(SweepRuns, MeasureAgainWhatIsNoFileOrNestedTooDeep) {
  ASSERT_EQ(Sweep(kThreeCases).exit_code, 0);
  const std::vector<fs::path> files = CaseFilesIn(run_);
  fs::remove(files[0]);
  ASSERT_EQ(mkfifo(files[0].c_str(), 0600), 0);
  std::ofstream(files[1]) << R"({"context": {"a": )" << std::string(200'000, '[');
  const ProgramOutput again = Sweep(kThreeCases);
  EXPECT_EQ(again.exit_code, 0) << again.text;
  EXPECT_THAT(again.text, AllOf(HasSubstr("it is no regular file"), HasSubstr("nested more than 64 deep"),
                                HasSubstr("1 of 3 cases are done already")));
}

TEST_F(SweepRuns, DoNotLoseADirectoryInAFilesPlace) {
  ASSERT_EQ(Sweep(kThreeCases + " --ceilings on").exit_code, 0);
  for (const fs::path& file : CaseFilesIn(run_)) {
    fs::remove(file);
    fs::create_directories(file / "thesis");
    const ProgramOutput output = Sweep(kThreeCases + " --ceilings on");
    EXPECT_EQ(output.exit_code, 2);
    EXPECT_THAT(output.text, HasSubstr("'" + file.string() + "' is a directory, where a result belongs: move it away"));
    EXPECT_TRUE(fs::exists(file / "thesis"));
    fs::remove_all(file);
  }
}

TEST_F(SweepRuns, EndWhereADescriptionHasNoEnd) {
  const fs::path program = directory_ / "endless";
  for (const char* stream : {"", " >&2"}) {
    std::ofstream(program) << "#!/bin/sh\nexec yes" << stream << "\n";
    fs::permissions(program, fs::perms::owner_all);
    const ProgramOutput output = Sweep(kThreeCases + " --binary " + program.string());
    EXPECT_EQ(output.exit_code, 2);
    EXPECT_THAT(output.text, HasSubstr("its --describe printed more than 64 MiB"));
    EXPECT_LT(output.text.size(), 10'000U);
  }
  std::ofstream(program) << "#!/bin/sh\nhead -c 1000000 /dev/zero | tr '\\0' x >&2; exit 2\n";
  EXPECT_LT(Sweep(kThreeCases + " --binary " + program.string()).text.size(), 10'000U) << "a long complaint";
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(SweepRuns, AreNotJoinedFromRowsThatNoReaderCanUse) {
  ASSERT_EQ(Sweep(kThreeCases).exit_code, 0);
  const fs::path part = directory_ / "part.json";
  const auto refusal = [&](nlohmann::json run) {
    std::ofstream(part) << run;
    const ProgramOutput output =
        RunCommand(TBENCH_SWEEP " merge " + part.string() + " -o " + (directory_ / "joined").string());
    EXPECT_EQ(output.exit_code, 2);
    return output.text;
  };
  for (const nlohmann::json& time :
       {nlohmann::json("1000"), nlohmann::json(true), nlohmann::json(0), nlohmann::json(-5)}) {
    nlohmann::json run = Run();
    run["benchmarks"][0]["real_time"] = time;
    EXPECT_THAT(refusal(run), HasSubstr("real_time is " + time.dump()));
  }
  nlohmann::json run = Run();
  run["benchmarks"][0]["name"] = "";
  EXPECT_THAT(refusal(run), HasSubstr("a row has no name"));
  run = Run();
  run["context"] = nullptr;
  EXPECT_THAT(refusal(run), HasSubstr("its context is no object"));
  run = Run();
  for (int depth = 0; depth < 100; ++depth) run["context"]["deep"] = nlohmann::json::array({run["context"]["deep"]});
  EXPECT_THAT(refusal(run), HasSubstr("nested more than 64 deep"));
}

TEST_F(SweepRuns, DoNotTakeOverFilesThatNoSweepWrote) {
  fs::create_directories(run_);
  std::ofstream(run_ / "run.json") << "precious";
  const ProgramOutput output = Sweep(kThreeCases);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("is not empty and not a sweep directory (found 'run.json')"));
}

ProgramOutput Merge(const std::string& arguments) { return RunCommand(TBENCH_SWEEP " merge " + arguments); }

TEST_F(SweepRuns, OfShardsJoinToTheWhole) {
  const std::string grid = " --models tiny,mini --contexts 8,16 --passes forward --trials 2";
  const fs::path whole = directory_ / "whole", joined = directory_ / "joined";
  run_ = whole;
  EXPECT_EQ(Sweep(grid).exit_code, 0);
  std::string parts;
  for (const char* shard : {"0/3", "1/3", "2/3"}) {
    run_ = directory_ / std::string(1, *shard);
    EXPECT_EQ(Sweep(grid + " --shard " + shard).exit_code, 0);
    EXPECT_LT(CaseFiles(), 12);
    parts += run_.string() + " ";
  }
  const ProgramOutput output = Merge(parts + "-o " + joined.string());
  EXPECT_EQ(output.exit_code, 0) << output.text;
  const nlohmann::json run = RunAt(joined), expected = RunAt(whole);
  ASSERT_EQ(run["benchmarks"].size(), expected["benchmarks"].size());
  for (std::size_t i = 0; i < run["benchmarks"].size(); ++i) {
    for (const char* key : {"name", "family_index", "run_type"}) {
      EXPECT_EQ(run["benchmarks"][i][key], expected["benchmarks"][i][key]);
    }
  }
}

TEST_F(SweepRuns, OfAnArrayJobTakeItsTasksShard) {
  const ProgramOutput output = Sweep(kThreeCases + " --shard slurm",
                                     "SLURM_ARRAY_TASK_ID=6 SLURM_ARRAY_TASK_MIN=5 SLURM_ARRAY_TASK_MAX=7 "
                                     "SLURM_ARRAY_TASK_COUNT=3");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(Run()["context"]["command"].get<std::string>(), testing::EndsWith(" --shard 1/3"));
  EXPECT_THAT(Trials(Run()), SizeIs(3));
}

TEST_F(SweepRuns, OfAShardBeyondTheCasesAreEmptyAndCanBeJoined) {
  const ProgramOutput output = Sweep(kThreeCases + " --shard 3/4");
  EXPECT_EQ(output.exit_code, 0);
  EXPECT_THAT(output.text, HasSubstr("shard 3/4 has no cases"));
  EXPECT_THAT(Trials(Run()), IsEmpty());
  EXPECT_EQ(Run()["context"]["cpu_name"], "a fake");

  std::string parts = run_.string();
  for (const char* shard : {"0/4", "1/4", "2/4"}) {
    run_ = directory_ / std::string(1, *shard);
    ASSERT_EQ(Sweep(kThreeCases + " --shard " + shard).exit_code, 0);
    parts += " " + run_.string();
  }
  run_ = directory_ / "joined";
  const ProgramOutput joined = Merge(parts + " -o " + run_.string());
  EXPECT_EQ(joined.exit_code, 0) << joined.text;
  EXPECT_THAT(Trials(Run()), SizeIs(9));
  EXPECT_TRUE(Run()["context"].contains("date")) << "the context is not that of a part that ran";
}

TEST_F(SweepRuns, DoNotBeginWhereOtherFilesAre) {
  fs::create_directories(run_);
  std::ofstream(run_ / "thesis.partial") << "precious";
  const ProgramOutput output = Sweep(kThreeCases);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("is not empty and not a sweep directory (found 'thesis.partial')"));
  EXPECT_TRUE(fs::exists(run_ / "thesis.partial"));
}

TEST_F(SweepRuns, ThatOverlapLackCasesOrDifferAreJoinedWithCare) {
  ASSERT_EQ(Sweep(kThreeCases + " --shard 0/2").exit_code, 0);
  const std::string run = run_.string(), joined = (directory_ / "joined").string();
  const ProgramOutput twice = Merge(run + " " + run + "/run.json -o " + joined);
  EXPECT_EQ(twice.exit_code, 2);
  EXPECT_THAT(twice.text, HasSubstr("both hold the case transformer_step/model:tiny/"));
  EXPECT_FALSE(fs::exists(joined));

  const ProgramOutput lacking = Merge(run + " -o " + joined);
  EXPECT_EQ(lacking.exit_code, 1);
  EXPECT_THAT(lacking.text, HasSubstr("warning: no run has transformer_step/model:tiny/"));

  run_ = directory_ / "elsewhere";
  ASSERT_EQ(Sweep(kThreeCases + " --shard 1/2", "TBENCH_FAKE_CPU=other").exit_code, 0);
  const ProgramOutput mixed = Merge(run + " " + run_.string() + " -o " + joined);
  EXPECT_EQ(mixed.exit_code, 2);
  EXPECT_THAT(mixed.text, HasSubstr("cpu_name: 'a fake' there, 'other' here"));

  const ProgramOutput into_a_part = Merge(run + " -o " + run);
  EXPECT_EQ(into_a_part.exit_code, 2);
  EXPECT_THAT(into_a_part.text, HasSubstr("choose another for the merged run"));
}

TEST_F(SweepRuns, OfTwoProgramsOrFromAPipeInAFolderAreNotJoined) {
  const fs::path other = directory_ / "other_bench";
  fs::copy_file(FAKE_TRANSFORMER_BENCH, other);
  std::ofstream(other, std::ios::app) << "x";
  ASSERT_EQ(Sweep(kThreeCases + " --shard 0/2").exit_code, 0);
  const std::string first = run_.string(), joined = (directory_ / "joined").string();
  run_ = directory_ / "second";
  ASSERT_EQ(Sweep(kThreeCases + " --shard 1/2 --binary " + other.string()).exit_code, 0);
  const ProgramOutput programs = Merge(first + " " + run_.string() + " -o " + joined);
  EXPECT_EQ(programs.exit_code, 2);
  EXPECT_THAT(programs.text, HasSubstr("benchmark program: hash"));

  fs::remove(run_ / "run.json");
  const ProgramOutput pipe = RunCommand("mkfifo " + (run_ / "run.json").string() +
                                        " && timeout 10 " TBENCH_SWEEP " merge " + run_.string() + " -o " + joined);
  EXPECT_EQ(pipe.exit_code, 2);
  EXPECT_THAT(pipe.text, HasSubstr("no regular file"));
  EXPECT_FALSE(fs::exists(joined));
}

class BadSweeps : public SweepTest, public testing::WithParamInterface<BadInput> {};

TEST_P(BadSweeps, AreRefusedBeforeAnythingIsWritten) {
  const ProgramOutput output = Sweep(GetParam().text);
  EXPECT_EQ(output.exit_code, 2) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("tbench_sweep: error: "), HasSubstr(GetParam().message)));
  EXPECT_FALSE(fs::exists(run_));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadSweeps,
    testing::Values(BadInput{"UnknownModel", "--models smal", "did you mean 'small'?"},
                    BadInput{"UnknownFlag", "--wramups 1", "did you mean '--warmups'?"},
                    BadInput{"UnknownPreset", "--grid publishd", "did you mean 'published'?"},
                    BadInput{"ShardBeyondTheLast", "--shard 4/4", "at most 3"},
                    BadInput{"ShardOutsideAnArrayJob", "--shard slurm", "SLURM_ARRAY_TASK_ID is not set"},
                    BadInput{"ZeroTimeOut", "--case-timeout 0", "at least 1"},
                    BadInput{"TimeOutIsNoNumber", "--case-timeout soon", "--case-timeout 'soon'"},
                    BadInput{"MissingBinary", "--binary /nonexistent/bench", "no benchmark program"},
                    BadInput{"BinaryIsNoBenchmark", "--binary /bin/true", "is no transformer_bench"},
                    BadInput{"BinaryFails", "--binary /bin/false", "exit code 1"},
                    BadInput{"BinaryIsNoProgram", "--binary /etc/passwd", "cannot start"},
                    BadInput{"LibraryFlag", "--benchmark_filter=x", "unknown argument"},
                    BadInput{"MergeOfNothing", "merge", "which runs?"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST_F(SweepRuns, NeedADirectory) {
  const ProgramOutput output = RunCommand(TBENCH_SWEEP);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("-o RUN_DIR is required"));
  EXPECT_THAT(Merge("/nonexistent -o x").text, HasSubstr("neither a run directory nor a run.json"));
}

TEST_F(SweepRuns, SayWhyTheirDirectoryCannotBeMade) {
  std::ofstream(directory_ / "file") << "x";
  run_ = directory_ / "file" / "run";
  const ProgramOutput output = Sweep(kThreeCases);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("Not a directory"));
}

TEST_F(SweepRuns, HaveHelpWithExamplesAndAVersion) {
  EXPECT_THAT(RunCommand(TBENCH_SWEEP " --help").text, HasSubstr("Examples:"));
  EXPECT_THAT(RunCommand(TBENCH_SWEEP " --version").text, HasSubstr("(commit "));
}

}  // namespace
}  // namespace tbench
