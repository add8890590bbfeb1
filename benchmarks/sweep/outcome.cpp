#include "benchmarks/sweep/outcome.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <sstream>

namespace tbench {
namespace {

constexpr std::size_t kLines = 3;
constexpr std::size_t kLongestLine = 200;

std::string HowItEnded(const ChildEnd& end) {
  if (end.exited) return fmt::format("exit code {}", end.code);
  // Nobody else sends it unasked.
  const char* hint = end.code == SIGKILL ? ", as the kernel's out-of-memory killer does" : "";
  return fmt::format("killed by {}{}", SignalName(end.code), hint);
}

}  // namespace

std::string DescribeFailure(const ChildEnd& end, TimeLimit limit, const std::string& file_error,
                            const std::string& log) {
  std::string text;
  if (end.timed_out && limit) {
    text = fmt::format("timed_out: not done after {} s", double(limit->count()) / 1e3);
  } else {
    text = "crashed: " + HowItEnded(end);
    // A good exit code needs an explanation; any other is one.
    if (end.exited && end.code <= 1 && !file_error.empty())
      text += fmt::format(", but its result is bad: {}", file_error);
    if (file_error.empty()) text += " after its last trial";
  }
  const std::string last = LastLines(log);
  return last.empty() ? text : fmt::format("{}; last output: {}", text, last);
}

std::string WithoutHeader(const std::string& log, const Json& context) {
  std::size_t end = 0;
  for (const auto& [key, value] : context.items()) {
    const std::string line = fmt::format("{}: {}\n", key, value.get<std::string>());
    if (const std::size_t found = log.find(line); found != std::string::npos) end = std::max(end, found + line.size());
  }
  while (log.compare(end, 3, "***") == 0) end = std::min(log.find('\n', end), log.size() - 1) + 1;
  return log.substr(end);
}

std::string LastLines(const std::string& log) {
  std::deque<std::string> lines;
  std::istringstream stream(log);
  for (std::string line; std::getline(stream, line);) {
    std::ranges::replace_if(
        line, [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
    const std::size_t first = line.find_first_not_of(" -");  // of the library's table, the rules are left out
    if (first == std::string::npos) continue;
    lines.push_back(line.substr(first, kLongestLine));
    if (lines.size() > kLines) lines.pop_front();
  }
  return fmt::format("{}", fmt::join(lines, " | "));
}

}  // namespace tbench
