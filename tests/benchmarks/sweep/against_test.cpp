// A sweep that is judged against an earlier run. The benchmark programs are scripts that tell the fake one what to do.

#include <gmock/gmock.h>
#include <signal.h>

#include <fstream>

#include "model/support/atomic_file.h"
#include "model/support/program.h"
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
using testing::StartsWith;

const std::string kGrid = " --models tiny --contexts 8,16,32 --passes forward --warmups 1 --trials 5";
const std::string kSteady = "export TBENCH_FAKE_TIME_US=1000\n";

// For the processes whose arguments contain `part`: of a case, or of a file such as new-3.json.
std::string Where(const std::string& part, const std::string& what) {
  return "case \"$*\" in *" + part + "*) " + what + ";; esac\n";
}
std::string Slower(const std::string& part) { return Where(part, "export TBENCH_FAKE_TIME_US=1100"); }
std::string Faulty(const std::string& part, const std::string& fault) {
  return Where(part, "export TBENCH_FAKE_FAULTS=context:16/=" + fault);
}

class SweepAgainst : public SweepTest {
 protected:
  void SetUp() override {
    SweepTest::SetUp();
    if (std::string(GitCommit()) == "unknown") GTEST_SKIP() << "not built from a git checkout";
    old_ = Program("old", kSteady);
    baseline_ = directory_ / "baseline";
    run_ = baseline_;
    ASSERT_EQ(Sweep(kGrid + " --binary " + old_.string()).exit_code, 0);
    run_ = directory_ / "run";
  }

  fs::path Program(const std::string& name, const std::string& script) const {
    const fs::path path = directory_ / name;
    std::ofstream(path) << "#!/bin/bash\n" << script << "exec -a transformer_bench " FAKE_TRANSFORMER_BENCH " \"$@\"\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  std::string Arguments(const fs::path& binary, const std::string& flags) const {
    return kGrid + " --binary " + binary.string() + " --against " + baseline_.string() + " " + flags;
  }
  ProgramOutput Against(const std::string& script, const std::string& flags = "") const {
    return Sweep(Arguments(Program("new", script), flags));
  }
  std::string WithOld() const { return "--baseline-binary " + old_.string() + " "; }

  // Names in remeasured/, with the slug cut down to its context: "context=16/old-1.json".
  std::vector<std::string> Remeasured() const {
    std::vector<std::string> names;
    if (!fs::exists(run_ / "remeasured")) return names;
    for (const auto& entry : fs::recursive_directory_iterator(run_ / "remeasured")) {
      const std::string slug = entry.path().parent_path().filename();
      const std::size_t begin = slug.find("context=");
      if (entry.path().extension() != ".json") continue;
      names.push_back(slug.substr(begin, slug.find('+', begin) - begin) + "/" + entry.path().filename().string());
    }
    std::ranges::sort(names);
    return names;
  }
  std::string Report() const { return ReadFile(run_ / "gate.md"); }
  void ChangeBaseline(const std::string& from, const std::string& to) const {
    std::string text = ReadFile(baseline_ / "run.json");
    text.replace(text.find(from), from.size(), to);
    WriteWholeFile(baseline_ / "run.json", text);
  }

  fs::path old_, baseline_;
};

TEST_F(SweepAgainst, PassesWithoutMeasuringAgainWhatIsNotSlower) {
  const ProgramOutput output = Against(kSteady, WithOld());
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("3 cases: 3 good, 0 failed"), HasSubstr("none was measured again"),
                                 HasSubstr("Passed: none of 3 cases is worse."), HasSubstr("/run/gate.md\n")));
  EXPECT_THAT(Remeasured(), IsEmpty());
  EXPECT_THAT(Report(), StartsWith("### Passed"));
}

TEST_F(SweepAgainst, ConfirmsASlowerCaseInAlternatingProcesses) {
  const ProgramOutput output = Against(kSteady + Slower("context:16/"), WithOld());
  EXPECT_EQ(output.exit_code, 1) << output.text;
  std::vector<std::string> order;
  for (std::size_t at = 0; (at = output.text.find("context:16, ", at)) != std::string::npos;) {
    at += 12;
    order.push_back(output.text.substr(at, output.text.find(':', at) - at));
  }
  EXPECT_THAT(order, ElementsAre("old program 1/5", "new program 1/5", "old program 2/5", "new program 2/5",
                                 "old program 3/5", "new program 3/5", "old program 4/5", "new program 4/5",
                                 "old program 5/5", "new program 5/5"));
  EXPECT_THAT(Remeasured(), ElementsAre("context=16/new-1.json", "context=16/new-2.json", "context=16/new-3.json",
                                        "context=16/new-4.json", "context=16/new-5.json", "context=16/old-1.json",
                                        "context=16/old-2.json", "context=16/old-3.json", "context=16/old-4.json",
                                        "context=16/old-5.json"));
  const std::string counts = "1 case looked slower at first: 1 confirmed, 0 cleared.";
  const std::string headline = "Failed: 1 of 3 cases is worse: 1 slower.";
  EXPECT_THAT(output.text, AllOf(HasSubstr("tiny context:16  slower"), HasSubstr("+10.0 %"), HasSubstr(headline)));
  EXPECT_THAT(Report(), AllOf(StartsWith("### " + headline), HasSubstr(counts), HasSubstr("alternating")));
}

TEST_F(SweepAgainst, ClearsACaseThatWasSlowOnlyAtFirst) {
  const ProgramOutput output = Against(kSteady + Slower("cases/model=tiny+context=16+"), WithOld() + "--rounds 4");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("1 case looks slower than in"), HasSubstr("tiny context:16  cleared"),
                                 HasSubstr("at first +10.0 % with p = 0.0079"), HasSubstr("Passed: none of 3")));
  EXPECT_THAT(Report(), HasSubstr("1 case looked slower at first: 0 confirmed, 1 cleared."));
  EXPECT_EQ(Remeasured().size(), 8);
}

TEST_F(SweepAgainst, CountsAlarmsThatAreConfirmedAndThatAreNot) {
  const ProgramOutput output =
      Against(kSteady + Slower("context:16/") + Slower("cases/model=tiny+context=32+"), WithOld());
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(Report(), AllOf(HasSubstr("2 cases looked slower at first: 1 confirmed, 1 cleared."),
                              HasSubstr("| tiny context:16 | slower "), HasSubstr("| tiny context:32 | cleared ")));
}

TEST_F(SweepAgainst, WithoutTheOldProgramMeasuresTheNewOneAgainAndSaysSo) {
  const ProgramOutput slower = Against(kSteady + Slower("context:16/"), "--rounds 2");
  EXPECT_EQ(slower.exit_code, 1) << slower.text;
  EXPECT_THAT(Remeasured(), ElementsAre("context=16/new-1.json", "context=16/new-2.json"));
  EXPECT_THAT(Report(), AllOf(HasSubstr("1 confirmed, 0 cleared. The old program was not given (--baseline-binary)"),
                              HasSubstr("in 2 fresh processes")));

  run_ = directory_ / "cleared";
  EXPECT_EQ(Against(kSteady + Slower("cases/model=tiny+context=16+"), "--rounds 2").exit_code, 0);
  EXPECT_THAT(Report(), HasSubstr("0 confirmed, 1 cleared. The old program was not given"));
}

TEST_F(SweepAgainst, HeedsTheGatesThreshold) {
  const ProgramOutput output = Against(kSteady + Slower("context:16/"), WithOld() + "--threshold 15%");
  EXPECT_EQ(output.exit_code, 0) << output.text;
  EXPECT_THAT(Remeasured(), IsEmpty());
}

TEST_F(SweepAgainst, RefusesAnOldProgramOfAnotherCommitBeforeAnythingRuns) {
  ChangeBaseline(GitCommit(), "0123456789abcdef");
  const ProgramOutput output = Against(kSteady, WithOld());
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, AllOf(HasSubstr("--baseline-binary '" + old_.string() + "' is of commit " + GitCommit()),
                                 HasSubstr("measured with commit 0123456789abcdef")));
  EXPECT_FALSE(fs::exists(run_));
  // Without it, another commit is what people compare.
  EXPECT_EQ(Against(kSteady).exit_code, 0);
}

TEST_F(SweepAgainst, RefusesABaselineOfOtherHardwareBeforeAnythingRuns) {
  ChangeBaseline("\"cpu_name\": \"a fake\"", "\"cpu_name\": \"another\"");
  const ProgramOutput output = Against(kSteady);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("cpu_name: another in the baseline, a fake in the contender"));
  EXPECT_FALSE(fs::exists(run_));
  EXPECT_EQ(Against(kSteady, "--ignore-hardware").exit_code, 0);
}

TEST_F(SweepAgainst, RefusesADamagedBaselineBeforeAnythingRuns) {
  const std::string text = ReadFile(baseline_ / "run.json");
  WriteWholeFile(baseline_ / "run.json", text.substr(0, text.size() - 500));
  const ProgramOutput output = Against(kSteady);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("the baseline cannot be read whole: "));
  EXPECT_FALSE(fs::exists(run_));
}

TEST_F(SweepAgainst, RefusesAGridThatLacksCasesOfTheBaseline) {
  const std::string two = " --models tiny --contexts 8,16 --passes forward --warmups 1 --trials 5 --binary " +
                          old_.string() + " --against " + baseline_.string();
  const ProgramOutput output = Sweep(two);
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, AllOf(HasSubstr("the grid lacks 1 of the baseline's cases, such as"),
                                 HasSubstr("context:32/"), HasSubstr("--allow-missing")));
  EXPECT_FALSE(fs::exists(run_));
  EXPECT_EQ(Sweep(two + " --allow-missing").exit_code, 0);
}

TEST_F(SweepAgainst, RefusesToJudgeARunAgainstItself) {
  run_ = baseline_;
  const ProgramOutput output = Sweep(Arguments(old_, ""));
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("-o and --against are the same run"));
}

TEST_F(SweepAgainst, FailsForACaseThatFailsNowAndDoesNotMeasureItAgain) {
  const ProgramOutput output = Against(kSteady + Faulty("", "oom@trial1"), WithOld());
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(output.text, HasSubstr("1 newly failing"));
  EXPECT_THAT(Remeasured(), IsEmpty());
}

TEST_F(SweepAgainst, TakesACrashOfTheNewProgramForAFailureOfTheCase) {
  const ProgramOutput output =
      Against(kSteady + Slower("context:16/") + Faulty("/new-2.json", "sigkill@trial1"), WithOld());
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(Report(), AllOf(StartsWith("### Failed: 1 of 3 cases is worse: 1 newly failing."),
                              HasSubstr("failed when it was measured again"), HasSubstr("crashed: killed by SIGKILL")));
  EXPECT_EQ(Remeasured().size(), 4) << "it went on although all was clear";
}

TEST_F(SweepAgainst, TakesOfAChangedCheckoutOnlyTheVeryProgram) {
  if (!std::string(GitCommit()).ends_with("-dirty")) GTEST_SKIP() << "built from a commit as it is";
  old_ = Program("another", kSteady + "# another\n");
  const ProgramOutput output = Against(kSteady, WithOld());
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("with changes that no commit holds"));
}

TEST_F(SweepAgainst, ForgetsWhatAnotherOldProgramMeasured) {
  const std::string slower = kSteady + Slower("cases/model=tiny+context=16+");
  ASSERT_EQ(Against(slower, WithOld()).exit_code, 0);
  std::ofstream(run_ / "remeasured" / "programs.txt") << "old of another hash\n";
  EXPECT_THAT(Against(slower, WithOld()).text, HasSubstr("again 1/10 "));
}

TEST_F(SweepAgainst, KeepsTheReportOfARunThatItDoesNotGoOnWith) {
  ASSERT_EQ(Against(kSteady, WithOld()).exit_code, 0);
  EXPECT_EQ(Against(kSteady, WithOld() + "--seed 1").exit_code, 2);
  EXPECT_THAT(Report(), StartsWith("### Passed"));
}

TEST_F(SweepAgainst, ReplacesAReportThatIsALinkAndRefusesADirectory) {
  const fs::path elsewhere = directory_ / "elsewhere", report = run_ / "gate.md";
  std::ofstream(elsewhere) << "precious";
  ASSERT_EQ(Against(kSteady, WithOld()).exit_code, 0);
  fs::remove(report);
  fs::create_symlink(elsewhere, report);
  EXPECT_EQ(Against(kSteady, WithOld()).exit_code, 0);
  EXPECT_FALSE(fs::is_symlink(report));
  EXPECT_EQ(ReadFile(elsewhere), "precious");

  fs::remove(report);
  fs::create_directory(report);
  const ProgramOutput output = Against(kSteady, WithOld());
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text,
              HasSubstr("'" + report.string() + "' is a directory, where the report belongs: move it away"));
  EXPECT_TRUE(fs::is_directory(report));
}

TEST_F(SweepAgainst, DoesNotMeasureAgainThroughLinks) {
  const fs::path elsewhere = directory_ / "elsewhere";
  fs::create_directories(elsewhere);
  const std::string slower = kSteady + Slower("context:16/");
  ASSERT_EQ(Against(slower, WithOld()).exit_code, 1);
  for (const auto& entry : fs::directory_iterator(run_ / "remeasured")) {
    if (!entry.is_directory()) continue;
    fs::remove_all(entry.path());
    fs::create_directory_symlink(elsewhere, entry.path());
    break;
  }
  const ProgramOutput output = Against(slower, WithOld());
  EXPECT_EQ(output.exit_code, 2);
  EXPECT_THAT(output.text, HasSubstr("' is a link: a sweep writes in its own folder"));
  EXPECT_TRUE(fs::is_empty(elsewhere));
}

TEST_F(SweepAgainst, StopsWhenAProgramIsReplacedWhileItIsMeasuredAgain) {
  for (const std::string name : {"old", "new"}) {
    const std::string replace = Where("/" + name + "-1.json", "echo '# other' >> " + (directory_ / name).string());
    // The baseline's very program, in a checkout with changes.
    old_ = Program("old", kSteady + (name == "old" ? replace : ""));
    run_ = baseline_ = directory_ / ("baseline-" + name);
    ASSERT_EQ(Sweep(kGrid + " --binary " + old_.string()).exit_code, 0);
    run_ = directory_ / ("run-" + name);
    const ProgramOutput output = Against(kSteady + Slower("context:16/") + (name == "new" ? replace : ""), WithOld());
    EXPECT_EQ(output.exit_code, 2) << output.text;
    EXPECT_THAT(output.text, HasSubstr("the " + name + " program '" + (directory_ / name).string() +
                                       "' was replaced while cases were measured again"));
    EXPECT_FALSE(fs::exists(run_ / "gate.md"));
  }
}

TEST_F(SweepAgainst, ClearsNothingWhereTheOldProgramHangs) {
  if (std::string(GitCommit()).ends_with("-dirty")) GTEST_SKIP() << "the old program must be of a commit";
  old_ = Program("hanging", kSteady + Faulty("/old-1.json", "hang@trial1"));
  const ProgramOutput output =
      Against(kSteady + Slower("cases/model=tiny+context=16+"), WithOld() + "--case-timeout 1");
  EXPECT_EQ(output.exit_code, 1) << output.text;
  EXPECT_THAT(Report(), HasSubstr("not cleared: the old program failed when it was measured again: timed_out: "));
}

TEST_F(SweepAgainst, InterruptedWhileMeasuringAgainGoesOnFromThere) {
  const std::string marker = (directory_ / "hang").string();
  std::ofstream(marker) << "x";
  const fs::path binary = Program("new", kSteady + Slower("context:16/") + "if [ -e " + marker + " ]; then\n" +
                                             Faulty("/new-3.json", "hang@trial1") + "fi\n");
  const std::string arguments = Arguments(binary, WithOld());
  Background sweep(Words(arguments), directory_ / "output");
  const auto partial = [&] {
    for (const auto& entry : fs::recursive_directory_iterator(directory_)) {
      if (entry.path().filename().string().starts_with("new-3.json")) return true;
      if (entry.path().filename().string().starts_with("new-3.log")) return true;
    }
    return false;
  };
  ASSERT_TRUE(Eventually([&] { return partial() && !Children().empty(); })) << ReadFile(directory_ / "output");
  sweep.Signal(SIGINT);
  EXPECT_EQ(sweep.Wait(), 130);
  EXPECT_THAT(Children(), IsEmpty());
  EXPECT_THAT(ReadFile(directory_ / "output"),
              AllOf(HasSubstr("SIGINT (Interrupt): 4 of 10 processes that measure again are done and kept in"),
                    HasSubstr("The same command goes on from here.")));
  EXPECT_FALSE(partial());
  EXPECT_FALSE(fs::exists(run_ / "gate.md"));
  EXPECT_EQ(Remeasured().size(), 5);

  fs::remove(marker);
  const ProgramOutput rest = Sweep(arguments);
  EXPECT_EQ(rest.exit_code, 1) << rest.text;
  EXPECT_THAT(rest.text, AllOf(Not(HasSubstr("program 2/5")), HasSubstr("old program 3/5"),
                               HasSubstr("new program 3/5"), HasSubstr("1 slower")));
  EXPECT_EQ(Remeasured().size(), 10);

  const std::string report = Report();
  const ProgramOutput again = Sweep(arguments);
  EXPECT_EQ(again.exit_code, 1);
  EXPECT_THAT(again.text, Not(HasSubstr("program 5/5")));
  EXPECT_EQ(Report(), report);
}

// Program and environment each the same, 10 % slower or 10 % faster. The environment is a library of another version,
// which changes what the old program takes now too, but not its baseline.
struct Planted {
  const char* name;
  double program, environment;
  bool other_software;
  int exit_code;
  const char* headline;
  bool tells_environment;
};
void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.name; }

class Environments : public SweepAgainst, public testing::WithParamInterface<Planted> {};

TEST_P(Environments, AreToldFromPrograms) {
  const Planted& planted = GetParam();
  const std::string marker = (directory_ / "today").string();
  // The very file that the baseline was measured with, where a checkout has changes: it looks for the marker.
  old_ = Program("old", "if [ -e " + marker + " ]; then . " + marker + "; fi\n" +
                            "export TBENCH_FAKE_TIME_US=${TODAY_US:-1000}\n");
  run_ = baseline_ = directory_ / "baseline-of-yesterday";
  ASSERT_EQ(Sweep(kGrid + " --binary " + old_.string()).exit_code, 0);
  run_ = directory_ / "run";
  const auto us = [](double time) { return std::to_string(int(time + 0.5)); };
  const std::string software = planted.other_software ? "export TBENCH_FAKE_CUDNN=92000\n" : "";
  std::ofstream(marker) << software << "TODAY_US=" << us(1000 * planted.environment) << "\n";
  const ProgramOutput output = Against(
      software + "export TBENCH_FAKE_TIME_US=" + us(1000 * planted.program * planted.environment) + "\n", WithOld());
  EXPECT_EQ(output.exit_code, planted.exit_code) << output.text;
  EXPECT_THAT(Report(), StartsWith(std::string("### ") + planted.headline));
  const std::string sentence = planted.other_software
                                   ? "the environment became slower: in 3 of 3 cases the old program takes longer than "
                                     "in the baseline (cudnn_version: 91900 -> 92000); "
                                   : "takes longer than in the baseline (no version of its software differs); ";
  const std::string told = planted.tells_environment ? sentence : "environment became slower";
  EXPECT_EQ(Report().find(told) != std::string::npos, planted.tells_environment) << Report();
  if (planted.other_software) {
    EXPECT_THAT(Report(), HasSubstr("software is not the baseline's (cudnn_version: 91900 -> 92000)"));
    EXPECT_EQ(Remeasured().size(), 30);
  }
}

const char* const kEnvironment = "Failed: the environment became slower: ";
const char* const kProgram = "Failed: 3 of 3 cases are worse: 3 slower.";
const char* const kNeither = "Passed: none of 3 cases is worse.";

INSTANTIATE_TEST_SUITE_P(
    All, Environments,
    testing::Values(Planted{"Neither", 1, 1, true, 0, kNeither, false},
                    Planted{"SlowerProgram", 1.1, 1, true, 1, kProgram, false},
                    Planted{"FasterProgram", 0.9, 1, true, 0, kNeither, false},
                    Planted{"SlowerEnvironment", 1, 1.1, true, 1, kEnvironment, true},
                    Planted{"BothSlower", 1.1, 1.1, true, 1, kEnvironment, true},
                    Planted{"FasterProgramInASlowerEnvironment", 0.9, 1.1, true, 1, kEnvironment, true},
                    Planted{"FasterEnvironment", 1, 0.9, true, 0, kNeither, false},
                    Planted{"SlowerProgramInAFasterEnvironment", 1.1, 0.9, true, 1, kProgram, false},
                    Planted{"BothFaster", 0.9, 0.9, true, 0, kNeither, false},
                    // A clock, say: no software tells of it.
                    Planted{"SlowerEnvironmentOfTheSameSoftware", 1, 1.1, false, 1, kEnvironment, true},
                    Planted{"BothSlowerWithTheSameSoftware", 1.1, 1.1, false, 1, kEnvironment, true}),
    [](const auto& suite) { return std::string(suite.param.name); });

class BadAgainsts : public SweepAgainst, public testing::WithParamInterface<BadInput> {};

TEST_P(BadAgainsts, AreRefusedBeforeAnythingIsWritten) {
  std::string arguments = GetParam().text;
  if (const std::size_t at = arguments.find("BASELINE"); at != std::string::npos) {
    arguments.replace(at, 8, baseline_.string());
  }
  const ProgramOutput output = Sweep(kGrid + " " + arguments);
  EXPECT_EQ(output.exit_code, 2) << output.text;
  EXPECT_THAT(output.text, AllOf(HasSubstr("tbench_sweep: error: "), HasSubstr(GetParam().message)));
  EXPECT_FALSE(fs::exists(run_));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadAgainsts,
    testing::Values(BadInput{"NoSuchRun", "--against /nonexistent", "/nonexistent: there is no such file"},
                    BadInput{"EmptyName", "--against ''", "--against names no run"},
                    BadInput{"IsNoRun", "--against /etc/passwd", "the baseline cannot be read whole: /etc/passwd: "},
                    BadInput{"NoCommonCase", "--against BASELINE --batch 64", "no case in common"},
                    BadInput{"MissingOldBinary", "--against BASELINE --baseline-binary /nonexistent",
                             "--baseline-binary: there is no benchmark program '/nonexistent'"},
                    BadInput{"OldBinaryIsNoBenchmark", "--against BASELINE --baseline-binary /bin/true",
                             "--baseline-binary: '/bin/true' is no transformer_bench"},
                    BadInput{"TooFewRounds", "--against BASELINE --baseline-binary /bin/true --rounds 3",
                             "--rounds 3: 3 processes against 3 cannot have a p below 0.1"},
                    BadInput{"NoRounds", "--against BASELINE --rounds 0", "--rounds '0'"},
                    BadInput{"TooManyRounds", "--against BASELINE --rounds 1001", "at most 1000"},
                    BadInput{"RoundsAlone", "--rounds 5", "--rounds requires --against"},
                    BadInput{"ThresholdAlone", "--threshold 5%", "--threshold requires --against"},
                    BadInput{"OldBinaryAlone", "--baseline-binary x", "--baseline-binary requires --against"},
                    BadInput{"BadThreshold", "--against BASELINE --threshold 5", "--threshold '5'"},
                    BadInput{"WithAShard", "--against BASELINE --shard 0/2", "--shard excludes --against"}),
    [](const auto& suite) { return std::string(suite.param.name); });

}  // namespace
}  // namespace tbench
