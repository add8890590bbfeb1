// A sweep that is stopped loses nothing that was done, leaves nothing running, and goes on.

#include <gmock/gmock.h>
#include <pty.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "model/support/atomic_file.h"
#include "tests/benchmarks/sweep/sweep_fixture.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::string kTwelveCases =
    " --models tiny --contexts 1,2,3,4,5,6,7,8,9,10,11,12 --passes forward --warmups 1 --trials 3";
const std::string kHangInTheSecond = "TBENCH_FAKE_FAULTS=context:16/=hang@trial1";

std::string Text(const std::filesystem::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

using SweepInterruptions = SweepTest;

TEST_F(SweepInterruptions, KilledAtTenMomentsASweepEndsAsIfUndisturbed) {
  const std::string slow_steps = "TBENCH_FAKE_STEP_US=5000";
  for (std::size_t moment = 0; moment < 10; ++moment) {
    Background sweep(Words(kTwelveCases, slow_steps), directory_ / "output");
    ASSERT_TRUE(Eventually([&] { return CaseFiles() >= moment; })) << Text(directory_ / "output");
    std::this_thread::sleep_for(std::chrono::milliseconds(2 * moment));  // of the 20 that a case takes
    sweep.Signal(SIGKILL);
    EXPECT_EQ(sweep.Wait(), 128 + SIGKILL) << Text(directory_ / "output");
    EXPECT_TRUE(Eventually([&] { return Children().empty(); }));
    EXPECT_LT(CaseFiles(), 12);
  }
  EXPECT_EQ(Sweep(kTwelveCases, slow_steps).exit_code, 0);
  const std::vector<std::string> disturbed = Trials(Run());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(run_)) {
    EXPECT_NE(entry.path().extension(), kPartialSuffix) << entry.path();
  }
  run_ = directory_ / "undisturbed";
  EXPECT_EQ(Sweep(kTwelveCases, slow_steps).exit_code, 0);
  EXPECT_EQ(disturbed, Trials(Run()));
  EXPECT_THAT(disturbed, SizeIs(36));
}

TEST_F(SweepInterruptions, AKilledSweepLeavesNothingMeasuring) {
  Background sweep(Words(kThreeCases, kHangInTheSecond), directory_ / "output");
  ASSERT_TRUE(Eventually([&] { return CaseFiles() == 1 && !Children().empty(); }));
  sweep.Signal(SIGKILL);
  EXPECT_EQ(sweep.Wait(), 128 + SIGKILL);
  EXPECT_TRUE(Eventually([&] { return Children().empty(); }));
}

struct StopSignal {
  const char* name;
  int signal;
  int exit_code;
};
void PrintTo(const StopSignal& stop, std::ostream* out) { *out << stop.name; }

class SweepStopSignals : public SweepTest, public testing::WithParamInterface<StopSignal> {};

TEST_P(SweepStopSignals, EndTheChildMergeWhatIsThereAndLeaveTheRestForLater) {
  Background sweep(Words(kThreeCases, kHangInTheSecond), directory_ / "output");
  ASSERT_TRUE(Eventually([&] { return CaseFiles() == 1 && !Children().empty(); }));
  sweep.Signal(GetParam().signal);
  EXPECT_EQ(sweep.Wait(), GetParam().exit_code);
  EXPECT_THAT(Children(), IsEmpty());
  EXPECT_THAT(Text(directory_ / "output"), AllOf(HasSubstr("1 of 3 cases are done"), HasSubstr("same command")));
  EXPECT_THAT(Trials(Run()), ElementsAre("context:8 trial 0", "context:8 trial 1", "context:8 trial 2"));

  const ProgramOutput rest = Sweep(kThreeCases);
  EXPECT_EQ(rest.exit_code, 0) << rest.text;
  EXPECT_THAT(rest.text, HasSubstr("1 of 3 cases are done already"));
  EXPECT_THAT(Trials(Run()), SizeIs(9));
}

INSTANTIATE_TEST_SUITE_P(All, SweepStopSignals,
                         testing::Values(StopSignal{"Interrupt", SIGINT, 130}, StopSignal{"Terminate", SIGTERM, 143},
                                         StopSignal{"HangUp", SIGHUP, 129}),
                         [](const auto& suite) { return std::string(suite.param.name); });

TEST_F(SweepInterruptions, ASecondSweepInTheSameDirectoryIsRefused) {
  Background first(Words(kThreeCases, kHangInTheSecond), directory_ / "output");
  ASSERT_TRUE(Eventually([&] { return CaseFiles() == 1 && !Children().empty(); }));
  const ProgramOutput second = Sweep(kThreeCases);
  EXPECT_EQ(second.exit_code, 2);
  EXPECT_THAT(second.text, HasSubstr("another sweep is working in"));
  first.Signal(SIGTERM);
  EXPECT_EQ(first.Wait(), 143);
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
}

TEST_F(SweepInterruptions, AFullDiskStopsTheSweepAndNothingIsBlamedOrLost) {
  // A file system of this test's own, with room for one case; then the disk is cleared.
  const std::string disk = (directory_ / "disk").string(), copy = (directory_ / "copy").string();
  std::filesystem::create_directories(disk);
  std::filesystem::create_directories(copy);
  if (RunCommand("unshare -Urm mount -t tmpfs tmpfs " + disk).exit_code != 0) GTEST_SKIP() << "cannot mount a tmpfs";
  run_ = disk + "/run";
  std::ofstream(directory_ / "script") << "mount -t tmpfs -o size=64k tmpfs " << disk << "\n"
                                       << "head -c 36k /dev/zero > " << disk << "/filler\n"
                                       << Words(kTwelveCases) << "; echo first exit $?\n"
                                       << "rm " << disk << "/filler; mount -o remount,size=1m " << disk << "\n"
                                       << Words(kTwelveCases) << "; echo second exit $?\n"
                                       << "cp " << disk << "/run/run.json " << copy << "\n";
  const ProgramOutput output = RunCommand("unshare -Urm sh " + (directory_ / "script").string());
  EXPECT_THAT(output.text, AllOf(HasSubstr("No space left on device"), HasSubstr("same command goes on"),
                                 HasSubstr("first exit 2"), HasSubstr("second exit 0")));
  EXPECT_THAT(output.text, testing::Not(HasSubstr("crashed")));
  EXPECT_THAT(Trials(RunAt(copy)), SizeIs(36));
}

TEST_F(SweepInterruptions, AFileSizeLimitIsAClearErrorAndNoCasesFault) {
  // 2 kB are less than a case's file, 12 kB are less than run.json (dash counts blocks of 512 bytes).
  for (const auto& [blocks, done] : {std::pair{"4", 0}, std::pair{"24", 3}}) {
    const ProgramOutput output = RunCommand("ulimit -f " + std::string(blocks) + "; " + Words(kThreeCases));
    EXPECT_EQ(output.exit_code, 2) << output.text;
    EXPECT_THAT(output.text, AllOf(HasSubstr("File too large"), HasSubstr("same command goes on")));
    EXPECT_EQ(CaseFiles(), done) << output.text;
    EXPECT_FALSE(std::filesystem::exists(run_ / "run.json"));
  }
  EXPECT_EQ(Sweep(kThreeCases).exit_code, 0);
  EXPECT_THAT(Trials(Run()), SizeIs(9));
}

// What a program writes to a terminal of so many columns, with Ctrl-C typed when `interrupt` says so.
ProgramOutput OnTerminal(const std::string& words, unsigned short columns, const std::function<bool()>& interrupt) {
  ProgramOutput output;
  winsize size{};
  size.ws_row = 24;
  size.ws_col = columns;
  int terminal = -1;
  const pid_t pid = forkpty(&terminal, nullptr, nullptr, &size);
  if (pid == 0) {
    execl("/bin/sh", "sh", "-c", ("exec env " + words).c_str(), nullptr);
    _exit(127);
  }
  if (interrupt && Eventually(interrupt) && write(terminal, "\x03", 1) != 1) return output;
  char buffer[4096];
  for (ssize_t n; (n = read(terminal, buffer, sizeof buffer)) > 0;) output.text.append(buffer, std::size_t(n));
  int status = 0;
  waitpid(pid, &status, 0);
  close(terminal);
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

// What stood between two erasures of the line; a text with a line feed was meant to stay.
std::vector<std::string> BetweenErasures(const std::string& text) {
  const std::string erase = "\r\x1b[K";
  std::vector<std::string> pieces;
  for (std::size_t begin = text.find(erase); begin != std::string::npos;) {
    const std::size_t end = text.find(erase, begin + 1);
    pieces.push_back(text.substr(begin + erase.size(), end - begin - erase.size()));
    if (end == std::string::npos) pieces.back() = text.substr(begin + erase.size());
    begin = end;
  }
  return pieces;
}

TEST_F(SweepInterruptions, ATerminalShowsOneLineThatFits) {
  const ProgramOutput output = OnTerminal(Words(kThreeCases), 24, {});
  EXPECT_EQ(output.exit_code, 0);
  std::size_t shown = 0;
  for (const std::string& piece : BetweenErasures(output.text)) {
    if (piece.find('\n') != std::string::npos) continue;
    EXPECT_LE(piece.size(), 24);
    shown += piece.find("/3  ") != std::string::npos ? 1 : 0;
  }
  EXPECT_GE(shown, 3) << output.text;
  EXPECT_THAT(output.text, testing::Not(HasSubstr("/3  0:00\r\n")));
}

TEST_F(SweepInterruptions, CtrlCOnATerminalStopsTheSweep) {
  const auto second_runs = [&] { return CaseFiles() == 1 && !Children().empty(); };
  const ProgramOutput output = OnTerminal(Words(kThreeCases, kHangInTheSecond), 80, second_runs);
  EXPECT_EQ(output.exit_code, 130) << output.text;
  EXPECT_THAT(Children(), IsEmpty());
  EXPECT_THAT(Trials(Run()), SizeIs(3));
}

TEST_F(SweepInterruptions, StopWhenTheProgramIsReplaced) {
  const std::filesystem::path program = directory_ / "bench", other = directory_ / "other";
  std::filesystem::copy_file(FAKE_TRANSFORMER_BENCH, program);
  std::filesystem::copy_file(FAKE_TRANSFORMER_BENCH, other);
  std::ofstream(other, std::ios::app) << "x";
  const std::string output = directory_ / "output";
  Background sweep(Words(kThreeCases + " --binary " + program.string(), "TBENCH_FAKE_STEP_US=100000"), output);
  ASSERT_TRUE(Eventually([&] { return CaseFiles() > 0; }));
  std::filesystem::rename(other, program);
  EXPECT_EQ(sweep.Wait(), 2);
  std::stringstream text;
  text << std::ifstream(output).rdbuf();
  EXPECT_THAT(text.str(), testing::HasSubstr("was replaced during the sweep"));
  EXPECT_LT(CaseFiles(), 3);
  EXPECT_EQ(Trials(Run()).size(), 3 * CaseFiles());
}

}  // namespace
}  // namespace tbench
