#include "benchmarks/sweep/child_process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <system_error>
#include <thread>

#include "model/support/unique_fd.h"

namespace tbench {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

class ChildProcess : public testing::Test {
 protected:
  ChildEnd Shell(const std::string& script, TimeLimit limit = {}, milliseconds grace = milliseconds(3000)) {
    return RunChild(
        {.program = "/bin/sh", .arguments = {"sh", "-c", script}, .output = log_.get(), .errors = log_.get()}, signals_,
        limit, {}, grace);
  }
  std::string Log() const {
    std::string text(4096, '\0');
    text.resize(std::size_t(std::max<ssize_t>(pread(log_.get(), text.data(), text.size(), 0), 0)));
    return text;
  }

  const Signals signals_;
  const UniqueFd log_{memfd_create("log", MFD_CLOEXEC)};
};

TEST_F(ChildProcess, TellsExitCodesFromSignals) {
  ChildEnd end = Shell("exit 7");
  EXPECT_TRUE(end.exited && end.code == 7);
  end = Shell("kill -SEGV $$");
  EXPECT_TRUE(!end.exited && end.code == SIGSEGV);
}

TEST_F(ChildProcess, WritesBothStreamsToTheLogAndReadsNothing) {
  Shell("echo out; echo err >&2; cat");
  EXPECT_EQ(Log(), "out\nerr\n");
}

TEST_F(ChildProcess, DoesNotSeeTheLibrarysVariables) {
  setenv("BENCHMARK_FILTER", "x", 1);
  setenv("MY_BENCHMARK_X", "kept", 1);
  Shell("env | grep BENCHMARK");
  unsetenv("BENCHMARK_FILTER");
  EXPECT_THAT(Log(), testing::Not(HasSubstr("BENCHMARK_FILTER")));
  EXPECT_THAT(Log(), HasSubstr("MY_BENCHMARK_X=kept"));
}

TEST_F(ChildProcess, IsEndedAtItsTimeLimit) {
  const ChildEnd end = Shell("sleep 100", milliseconds(50));
  EXPECT_TRUE(end.timed_out);
  EXPECT_EQ(end.code, SIGTERM);
}

TEST_F(ChildProcess, IsKilledIfItDoesNotHeedTheTermSignal) {
  const ChildEnd end = Shell("trap '' TERM; echo ready; while :; do :; done", milliseconds(300), milliseconds(50));
  EXPECT_TRUE(end.timed_out);
  EXPECT_EQ(end.code, SIGKILL);
}

TEST_F(ChildProcess, TakesItsOwnChildrenAlong) {
  Shell("sleep 100 & echo $!");
  const int grandchild = std::stoi(Log());
  // Killed, and reaped by init at its leisure.
  for (int i = 0; i < 500 && kill(grandchild, 0) == 0; ++i) {
    char state = '?';
    if (FILE* stat = std::fopen(("/proc/" + std::to_string(grandchild) + "/stat").c_str(), "r")) {
      if (std::fscanf(stat, "%*d %*s %c", &state) != 1) state = '?';
      std::fclose(stat);
    }
    if (state == 'Z') return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  EXPECT_NE(kill(grandchild, 0), 0);
}

TEST_F(ChildProcess, TakesAlongWhatHasASessionOfItsOwn) {
  Shell("echo $(setsid sh -c 'echo $$; exec sleep 100 >/dev/null 2>&1' &)");
  EXPECT_NE(kill(std::stoi(Log()), 0), 0);
}

TEST_F(ChildProcess, LeavesOtherChildrenOfOursAlone) {
  const pid_t other = fork();  // as of a shell that became this program
  if (other == 0) {
    execl("/bin/sleep", "sleep", "100", nullptr);
    _exit(127);
  }
  Shell("setsid sleep 100 & :");
  EXPECT_EQ(waitpid(other, nullptr, WNOHANG), 0);
  kill(other, SIGKILL);
  EXPECT_EQ(waitpid(other, nullptr, 0), other);
}

TEST_F(ChildProcess, IsEndedWhenASignalAsksUsToStop) {
  kill(getpid(), SIGINT);
  const ChildEnd end = Shell("sleep 100");
  EXPECT_EQ(end.interrupted_by, SIGINT);
  EXPECT_FALSE(end.timed_out);
}

TEST_F(ChildProcess, IsKilledAtOnceByASecondSignal) {
  // The child asks for the signals once it ignores the polite one.
  const ChildEnd end =
      Shell("trap '' TERM; kill -INT $PPID; kill -TERM $PPID; while :; do :; done", {}, std::chrono::hours(1));
  EXPECT_EQ(end.code, SIGKILL);
}

TEST_F(ChildProcess, HasTheSignalMaskFromBefore) {
  // A blocked SIGTERM would leave the sleep running for its 100 s.
  Shell("grep SigBlk /proc/self/status");
  EXPECT_THAT(Log(), HasSubstr("0000000000000000"));
}

TEST_F(ChildProcess, ThrowsIfTheProgramCannotBeStarted) {
  const ChildCommand command{.program = "/nonexistent", .arguments = {"x"}, .output = log_.get(), .errors = log_.get()};
  EXPECT_THROW(RunChild(command, signals_, {}), std::system_error);
}

TEST(Signals, AreIgnoredHereAndNotInAChild) {
  signal(SIGPIPE, SIG_DFL);
  signal(SIGXFSZ, SIG_DFL);
  const Signals signals;
  const UniqueFd log(memfd_create("log", MFD_CLOEXEC));
  RunChild({.program = "/bin/sh",
            .arguments = {"sh", "-c", "awk '/SigIgn/ {print $2}' /proc/self/status"},
            .output = log.get(),
            .errors = log.get()},
           signals, {});
  std::string ignored(16, '0');
  ASSERT_EQ(pread(log.get(), ignored.data(), ignored.size(), 0), 16);
  for (const int number : {SIGPIPE, SIGXFSZ}) {
    EXPECT_EQ(signal(number, SIG_IGN), SIG_IGN);
    EXPECT_EQ(std::stoull(ignored, nullptr, 16) >> (number - 1) & 1, 0) << number;
  }
}

TEST(Signals, LeaveAnIgnoredHangupIgnored) {
  signal(SIGHUP, SIG_IGN);  // as nohup does
  const Signals signals;
  kill(getpid(), SIGHUP);
  EXPECT_EQ(signals.Wait(milliseconds(10)), std::nullopt);
}

TEST(SignalName, ExplainsTheAbbreviation) {
  EXPECT_EQ(SignalName(SIGSEGV), "SIGSEGV (Segmentation fault)");
  EXPECT_EQ(SignalName(SIGRTMIN + 1), "signal " + std::to_string(SIGRTMIN + 1));
}

}  // namespace
}  // namespace tbench
