#pragma once

#include <signal.h>

#include <chrono>
#include <optional>

namespace tbench {

// Blocks SIGCHLD and the signals that end a sweep (SIGINT, SIGTERM, SIGHUP, and SIGUSR1, a batch system's before a time
// limit), so that they wait until somebody asks: no handler ever interrupts the writing of a file. A signal that was
// ignored at the start (nohup) stays ignored. A file that outgrows its limit becomes an error of write() instead of
// SIGXFSZ, and so does a pipe that nobody reads. One object a process, for its lifetime.
class Signals {
 public:
  Signals();

  // The next signal that has arrived or arrives within `timeout`; nothing if none does.
  std::optional<int> Wait(std::chrono::milliseconds timeout) const;

  // In a forked child: as it was before this object.
  void RestoreInChild() const;

 private:
  sigset_t waited_for_;
  sigset_t mask_at_start_;
  struct sigaction file_size_at_start_;
  struct sigaction pipe_at_start_;
};

}  // namespace tbench
