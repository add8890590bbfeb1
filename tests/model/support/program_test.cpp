#include "model/support/program.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>

namespace tbench {
namespace {

// How many of the standard descriptors are open in a program that began with `closed` closed.
int OpenIn(int closed) {
  close(closed);
  return RunProgram("x", [] {
    int open = 0;
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) open += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return open;
  });
}

TEST(RunProgram, HasAllStandardDescriptors) {
  for (const int closed : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    EXPECT_EXIT(std::exit(OpenIn(closed)), testing::ExitedWithCode(3), "") << closed;
  }
}

TEST(RunProgram, MakesAnExceptionALineOnStderr) {
  EXPECT_EXIT(std::exit(RunProgram("x", []() -> int { throw std::runtime_error("a\n::error::\x1b[2J"); })),
              testing::ExitedWithCode(2), "^x: error: a : :error:: \\[2J\n$");
}

}  // namespace
}  // namespace tbench
