#include "benchmarks/sweep/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "analysis/tables/text.h"
#include "model/support/one_line.h"

namespace tbench {
namespace {

// 0 where the terminal does not know. One column is left free: some terminals wrap when the last one is written.
std::size_t TerminalWidth() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  return std::max<std::size_t>(size.ws_col, 2) - 1;
}

// No terminal that knows escape sequences: an editor's shell, some CI.
bool IsDumb() {
  const char* type = std::getenv("TERM");
  return type == nullptr || std::string_view(type) == "dumb";
}

void Write(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

std::string FormatDuration(double seconds) {
  const auto whole = static_cast<long long>(std::lround(seconds));
  const long long hours = whole / 3600, minutes = whole / 60 % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, whole % 60);
  return fmt::format("{}:{:02}", minutes, whole % 60);
}

std::string ProgressLine(const ProgressState& state, std::size_t width) {
  std::string line = fmt::format("{}/{}  {}", state.number, state.total, FormatDuration(state.elapsed));
  if (state.left) line += fmt::format(", {} left", FormatDuration(*state.left));
  if (state.failed > 0) line += fmt::format(", {} failed", state.failed);
  line += "  " + state.running;
  if (state.last) line += fmt::format("  (before: {})", *state.last);
  return width == 0 ? line : FirstCharacters(line, width);
}

ProgressOutput::ProgressOutput() : is_terminal_(isatty(STDOUT_FILENO) == 1 && !IsDumb()) {}

void ProgressOutput::Update(const ProgressState& state) const {
  if (is_terminal_) Write(kEraseLine + ProgressLine(state, TerminalWidth()));
}

void ProgressOutput::Clear() const {
  if (is_terminal_) Write(kEraseLine);
}

void ProgressOutput::Print(const std::string& line) const {
  Clear();
  Write(OneLine(line) + "\n");
}

}  // namespace tbench
