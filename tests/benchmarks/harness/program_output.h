#pragma once

#include <sys/wait.h>

#include <cstdio>
#include <string>

namespace tbench {

// What a shell command printed, stderr included, and its exit code (128 + signal if it was killed).
struct ProgramOutput {
  std::string text;
  int exit_code = -1;
};

inline ProgramOutput RunCommand(const std::string& command) {
  ProgramOutput output;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return output;
  char buffer[4096];
  for (std::size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) output.text.append(buffer, n);
  const int status = pclose(pipe);
  output.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return output;
}

}  // namespace tbench
