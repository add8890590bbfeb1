#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/sweep/signals.h"

namespace tbench {

struct ChildCommand {
  std::string program;                 // a path; PATH is not searched
  std::vector<std::string> arguments;  // argv[0] included
  int output = -1;                     // descriptors for its stdout and stderr; its stdin is /dev/null
  int errors = -1;
  std::optional<std::size_t> max_file_bytes = {};  // of any file that it writes; beyond, a signal ends it
};

// How long something may take before it is ended; nothing: as long as it likes.
using TimeLimit = std::optional<std::chrono::milliseconds>;

// How a child ended, and whether this program had a part in it.
struct ChildEnd {
  bool exited = false;  // else a signal ended it
  int code = 0;         // the exit code, or that signal's number
  bool timed_out = false;
  std::optional<int> interrupted_by;  // the signal that asked this program to stop
};

// Runs a program to its end, in its own process group and environment: without our BENCHMARK_* variables, which are
// flags to Google Benchmark, with the signal mask from before `signals`, and dying with this process, however that
// dies. What it started and left behind, in whatever session, is killed with it. At the time limit, and at a signal
// that asks us to stop, its group gets SIGTERM and after `grace` SIGKILL. `tick` is called about every second. Throws
// std::system_error where the program cannot be started.
ChildEnd RunChild(const ChildCommand& command, const Signals& signals, TimeLimit limit,
                  const std::function<void()>& tick = {},
                  std::chrono::milliseconds grace = std::chrono::milliseconds(3000));

// "SIGSEGV (Segmentation fault)".
std::string SignalName(int signal);

}  // namespace tbench
