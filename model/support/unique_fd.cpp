#include "model/support/unique_fd.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace tbench {

UniqueFd::~UniqueFd() {
  if (fd_ >= 0) close(fd_);
}
UniqueFd::UniqueFd(UniqueFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
UniqueFd& UniqueFd::operator=(UniqueFd&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

void ThrowErrno(const std::string& what) { throw std::system_error(errno, std::generic_category(), what); }

}  // namespace tbench
