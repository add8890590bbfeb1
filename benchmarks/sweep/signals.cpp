#include "benchmarks/sweep/signals.h"

#include <array>
#include <cerrno>

namespace tbench {
namespace {

struct sigaction Action(void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  return action;
}

// Blocked signals are kept even where they are ignored, so these have to be left out.
bool IsIgnored(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace

Signals::Signals() {
  // An ignored SIGCHLD would let the kernel reap our children.
  const struct sigaction default_action = Action(SIG_DFL), ignore = Action(SIG_IGN);
  sigaction(SIGCHLD, &default_action, nullptr);
  sigaction(SIGXFSZ, &ignore, &file_size_at_start_);
  sigaction(SIGPIPE, &ignore, &pipe_at_start_);

  sigemptyset(&waited_for_);
  sigaddset(&waited_for_, SIGCHLD);
  for (const int signal : std::array{SIGINT, SIGTERM, SIGHUP, SIGUSR1}) {
    if (!IsIgnored(signal)) sigaddset(&waited_for_, signal);
  }
  sigprocmask(SIG_BLOCK, &waited_for_, &mask_at_start_);
}

std::optional<int> Signals::Wait(std::chrono::milliseconds timeout) const {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
  const timespec limit{.tv_sec = seconds.count(), .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
  const int signal = sigtimedwait(&waited_for_, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

void Signals::RestoreInChild() const {
  sigaction(SIGXFSZ, &file_size_at_start_, nullptr);
  sigaction(SIGPIPE, &pipe_at_start_, nullptr);
  sigprocmask(SIG_SETMASK, &mask_at_start_, nullptr);
}

}  // namespace tbench
