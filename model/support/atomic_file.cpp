#include "model/support/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>

namespace tbench {
namespace {

std::runtime_error Failure(const char* what, const std::filesystem::path& path, int error) {
  return std::runtime_error(
      fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(error)));
}

// 0, or the errno of what failed.
int WriteAndSync(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(std::size_t(written));
  }
  return fsync(file) == 0 ? 0 : errno;
}

// A rename survives a power cut only once its folder is synced. Not every file system can: no reason to fail.
void SyncFolder(const std::filesystem::path& folder) {
  const int descriptor = open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

void WriteInto(const std::filesystem::path& path, std::string_view text) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0) throw Failure("write", path, errno);
  int error = WriteAndSync(file, text);
  if (error == EINVAL) error = 0;  // not everything can be synced
  if (close(file) != 0 && error == 0) error = errno;
  if (error != 0) throw Failure("write", path, error);
}

}  // namespace

void WriteWholeFile(const std::filesystem::path& given, std::string_view text) {
  // Through links to what they name; devices and pipes are written to, never replaced.
  const std::filesystem::path path =
      std::filesystem::is_symlink(given) ? std::filesystem::weakly_canonical(given) : given;
  if (std::filesystem::exists(path) && !std::filesystem::is_regular_file(path)) {
    WriteInto(path, text);
    return;
  }
  const std::filesystem::path beside = fmt::format("{}.{}{}", path.string(), getpid(), kPartialSuffix);
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) throw Failure("write", path, errno);
  int error = WriteAndSync(file, text);
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    unlink(beside.c_str());
    throw Failure("write", path, error);
  }
  SyncFolder(path.parent_path());
}

std::string ReadFile(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) throw Failure("read", path, errno);
  std::string text;
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = read(file, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    const int error = errno;
    if (n <= 0) close(file);
    if (n < 0) throw Failure("read", path, error);
    if (n == 0) return text;
    text.append(buffer.data(), std::size_t(n));
  }
}

}  // namespace tbench
