#include "benchmarks/sweep/child_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "model/support/unique_fd.h"

namespace tbench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds kTick{1000};

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentWithoutBenchmarkFlags() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (!std::string_view(*variable).starts_with("BENCHMARK_")) variables.emplace_back(*variable);
  }
  return variables;
}

bool HasChildren() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

// The processes whose parent is this one, dead ones that nobody reaped included.
std::vector<pid_t> Children() {
  std::vector<pid_t> children;
  if (!HasChildren()) return children;  // spares a walk through all processes
  std::error_code not_mounted;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", not_mounted)) {
    const std::string name = entry.path().filename();
    pid_t pid = 0, parent = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), pid).ptr != name.data() + name.size()) continue;
    std::string status;  // "PID (PROGRAM) STATE PARENT …", where the program's name may hold anything
    std::getline(std::ifstream(entry.path() / "stat"), status, '\0');
    const std::size_t end_of_name = status.rfind(')');
    if (end_of_name == std::string::npos) continue;
    if (std::sscanf(status.c_str() + end_of_name + 1, " %*c %d", &parent) == 1 && parent == getpid()) {
      children.push_back(pid);
    }
  }
  return children;
}

void LimitFiles(std::size_t bytes) {
  rlimit limit{};
  if (getrlimit(RLIMIT_FSIZE, &limit) != 0) return;
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, bytes);
  setrlimit(RLIMIT_FSIZE, &limit);
}

// What the forked child does: only calls that are safe after fork. Returns, with errno set, if the program cannot run.
void BecomeProgram(const ChildCommand& command, char* const* argv, char* const* envp, const Signals& signals,
                   pid_t parent) {
  setpgid(0, 0);
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return;
  if (getppid() != parent) _exit(127);  // it died before it could take us along
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0) return;
  if (dup2(command.output, STDOUT_FILENO) < 0 || dup2(command.errors, STDERR_FILENO) < 0) return;
  if (command.max_file_bytes) LimitFiles(*command.max_file_bytes);
  signals.RestoreInChild();
  execve(command.program.c_str(), argv, envp);
}

// A started program. Nothing of it, nor of what it started, is left when this is gone.
class Child {
 public:
  Child(const ChildCommand& command, const Signals& signals) : others_(Children()) {
    // What its own children leave behind comes to us instead of to init.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    std::vector<std::string> arguments = command.arguments, variables = EnvironmentWithoutBenchmarkFlags();
    const std::vector<char*> argv = Pointers(arguments), envp = Pointers(variables);
    int ends[2];  // closed by a successful exec; else it brings the reason
    if (pipe2(ends, O_CLOEXEC) != 0) ThrowErrno("pipe");
    const UniqueFd reader(ends[0]);
    UniqueFd writer(ends[1]);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ < 0) ThrowErrno("cannot start a process");
    if (pid_ == 0) {
      BecomeProgram(command, argv.data(), envp.data(), signals, parent);
      const int reason = errno;
      if (write(ends[1], &reason, sizeof reason) < 0) _exit(126);
      _exit(127);
    }
    setpgid(pid_, pid_);  // here as well, so that the group exists before the first signal to it
    writer = UniqueFd();
    int reason = 0;
    ssize_t got = 0;
    while ((got = read(reader.get(), &reason, sizeof reason)) < 0 && errno == EINTR) {
    }
    if (got > 0) {
      Reap();
      throw std::system_error(reason, std::generic_category(), fmt::format("cannot start '{}'", command.program));
    }
  }
  ~Child() {
    if (pid_ > 0) Reap();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  void Signal(int signal) const { kill(-pid_, signal); }

  // False while it runs.
  bool HasEnded() const {
    siginfo_t info{};
    return waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
  }

  // Kills what is left of the group and of what it started, and returns the child's wait status.
  int Reap() {
    Signal(SIGKILL);  // while the child is not reaped, its number cannot be another process's
    const int status = Await(pid_);
    pid_ = -1;
    EndOrphans();
    return status;
  }

 private:
  static int Await(pid_t pid) {
    int status = 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
  }

  // Those in sessions or groups of their own. Each that dies leaves us its own children.
  void EndOrphans() const {
    std::vector<pid_t> orphans;
    do {
      orphans = Children();
      std::erase_if(orphans, [this](pid_t pid) {
        return std::ranges::find(others_, pid) != others_.end() || kill(pid, SIGKILL) != 0;
      });
      std::ranges::for_each(orphans, Await);
    } while (!orphans.empty());
  }

  const std::vector<pid_t> others_;  // of a shell that became this program, say
  pid_t pid_ = -1;
};

}  // namespace

ChildEnd RunChild(const ChildCommand& command, const Signals& signals, TimeLimit limit,
                  const std::function<void()>& tick, milliseconds grace) {
  Child child(command, signals);
  ChildEnd end;
  auto deadline = limit ? std::optional(Clock::now() + *limit) : std::nullopt;
  bool asked = false;  // by SIGTERM, to end
  auto next_tick = Clock::now();
  while (!child.HasEnded()) {
    const auto now = Clock::now();
    if (deadline && now >= *deadline) {
      if (asked) break;  // the grace is over; Reap kills
      end.timed_out = asked = true;
      child.Signal(SIGTERM);
      deadline = now + grace;
    }
    if (now >= next_tick) {
      if (tick) tick();
      next_tick = now + kTick;
    }
    const auto until = deadline ? std::min(*deadline, next_tick) : next_tick;
    const auto nap = std::max(std::chrono::ceil<milliseconds>(until - now), milliseconds(0));
    const std::optional<int> signal = signals.Wait(nap);
    if (!signal || *signal == SIGCHLD) continue;
    if (end.interrupted_by) break;  // the second one: no more patience
    end.interrupted_by = signal;
    if (asked) continue;
    asked = true;
    child.Signal(SIGTERM);
    deadline = Clock::now() + grace;
  }
  const int status = child.Reap();
  end.exited = WIFEXITED(status);
  end.code = end.exited ? WEXITSTATUS(status) : WTERMSIG(status);
  return end;
}

std::string SignalName(int signal) {
  const char* abbreviation = sigabbrev_np(signal);
  if (abbreviation == nullptr) return fmt::format("signal {}", signal);
  return fmt::format("SIG{} ({})", abbreviation, sigdescr_np(signal));
}

}  // namespace tbench
