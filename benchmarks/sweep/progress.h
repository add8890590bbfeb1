#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace tbench {

// "1:07", "2:03:04".
std::string FormatDuration(double seconds);

struct ProgressState {
  std::size_t number = 0;  // of the case that runs, from 1
  std::size_t total = 0;
  std::string running;              // its short name
  double elapsed = 0;               // seconds of this sweep
  std::optional<double> left;       // seconds
  std::optional<std::string> last;  // what the case before it took, as text
  std::size_t failed = 0;
};

// What matters most comes first, since a narrow terminal cuts the rest. `width` 0: unknown, nothing is cut.
std::string ProgressLine(const ProgressState& state, std::size_t width);

// Standard output: one line, written again and again, on a terminal; elsewhere finished lines only. Errors of writing
// are ignored: a sweep outlives the terminal that it was started from.
class ProgressOutput {
 public:
  ProgressOutput();
  bool is_terminal() const { return is_terminal_; }

  // Replaces the line of a terminal.
  void Update(const ProgressState& state) const;
  // Removes it.
  void Clear() const;
  // A line that stays, with text of files in it made fit for one.
  void Print(const std::string& line) const;

 private:
  bool is_terminal_;
};

}  // namespace tbench
