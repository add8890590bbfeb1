#pragma once

#include <string>

namespace tbench {

// A file descriptor that closes itself.
class UniqueFd {
 public:
  explicit UniqueFd(int fd = -1) : fd_(fd) {}
  ~UniqueFd();
  UniqueFd(UniqueFd&& other) noexcept;
  UniqueFd& operator=(UniqueFd&& other) noexcept;
  int get() const { return fd_; }

 private:
  int fd_;
};

// Throws std::system_error of errno: "cannot write 'x': No space left on device".
[[noreturn]] void ThrowErrno(const std::string& what);

}  // namespace tbench
