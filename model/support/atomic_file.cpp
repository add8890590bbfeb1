#include "model/support/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <optional>
#include <stdexcept>
#include <system_error>

#include "model/support/unique_fd.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxBytes = std::size_t{1} << 30;

std::runtime_error Failure(const char* what, const fs::path& path, int error) {
  return std::runtime_error(
      fmt::format("cannot {} {}: {}", what, path.string(), std::generic_category().message(error)));
}

// Beyond RLIMIT_FSIZE a write fails instead of ending the program while this lives.
class FileSizeSignalIgnored {
 public:
  FileSizeSignalIgnored() : before_(std::signal(SIGXFSZ, SIG_IGN)) {}
  ~FileSizeSignalIgnored() { std::signal(SIGXFSZ, before_); }
  FileSizeSignalIgnored(const FileSizeSignalIgnored&) = delete;
  FileSizeSignalIgnored& operator=(const FileSizeSignalIgnored&) = delete;

 private:
  void (*before_)(int);
};

// 0, or the errno of what failed.
int WriteAndSync(int file, std::string_view text) {
  const FileSizeSignalIgnored ignored;
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    text.remove_prefix(std::size_t(written));
  }
  if (fsync(file) == 0) return 0;
  // Pipes, devices and some mounts cannot be synced: no reason to fail.
  return errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP ? 0 : errno;
}

// A rename survives a power cut only once its folder is synced. Not every file system can: no reason to fail.
void SyncFolder(const fs::path& folder) {
  const UniqueFd descriptor(open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() >= 0) fsync(descriptor.get());
}

// `flags` beyond those of every file that is opened for writing.
int WriteInto(const fs::path& path, std::string_view text, int flags) {
  const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags);
  if (file < 0) return errno;
  const int error = WriteAndSync(file, text);
  return close(file) != 0 && error == 0 ? errno : error;
}

// 0, or the errno of what failed; then nothing is left beside.
int WriteBesideAndRename(const fs::path& path, std::string_view text) {
  const fs::path beside = fmt::format("{}.{}{}", path.string(), getpid(), kPartialSuffix);
  struct stat old {};
  const bool keeps_mode = lstat(path.c_str(), &old) == 0 && S_ISREG(old.st_mode);
  unlink(beside.c_str());  // of a killed process of the same number
  const int file = open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, keeps_mode ? 0600 : 0666);
  if (file < 0) return errno;
  int error = keeps_mode && fchmod(file, old.st_mode & 0777) != 0 ? errno : 0;
  if (error == 0) error = WriteAndSync(file, text);
  if (close(file) != 0 && error == 0) error = errno;
  if (error == 0 && std::rename(beside.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) unlink(beside.c_str());
  return error;
}

// Where a path's links lead: to a file, there or not, or to a descriptor of this process.
struct Target {
  fs::path path;
  std::optional<int> descriptor;
};

Target Resolve(fs::path path) {
  constexpr int kMaxLinks = 40;  // as the system's own limit
  std::error_code error;
  const fs::path descriptors = fs::canonical("/proc/self/fd", error);
  for (int links = 0; links < kMaxLinks; ++links) {
    const fs::path folder = fs::canonical(path.has_parent_path() ? path.parent_path() : ".", error);
    if (error) break;
    if (folder == descriptors) {
      const std::string name = path.filename();
      int number = -1;
      const auto [end, bad] = std::from_chars(name.data(), name.data() + name.size(), number);
      if (bad == std::errc{} && end == name.data() + name.size()) return {path, number};
    }
    const fs::path next = fs::read_symlink(path, error);
    if (error) break;
    path = next.is_absolute() ? next : folder / next;
  }
  return {path, std::nullopt};
}

int WriteNamedFile(const fs::path& path, std::string_view text) {
  const Target target = Resolve(path);
  // Not opened anew: what it appends to, or has written so far, stays.
  if (target.descriptor) return WriteAndSync(*target.descriptor, text);
  struct stat there {};
  if (stat(target.path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) return WriteInto(target.path, text, 0);
  const int error = WriteBesideAndRename(target.path, text);
  if (error == EBUSY) return WriteInto(target.path, text, O_TRUNC);
  if (error == 0) SyncFolder(target.path.parent_path());
  return error;
}

int WriteInFolder(const fs::path& path, std::string_view text) {
  const int error = WriteBesideAndRename(path, text);
  if (error == EBUSY) return WriteInto(path, text, O_TRUNC | O_NOFOLLOW | O_NONBLOCK);
  if (error == 0) SyncFolder(path.parent_path());
  return error;
}

// O_NONBLOCK: a pipe that nobody writes to would be waited for before it could be refused.
UniqueFd OpenRegular(const fs::path& path, struct stat& status) {
  UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW));
  if (file.get() < 0 && fs::is_symlink(path)) {
    throw std::runtime_error(
        fmt::format("cannot read {}: it is a link, and those in a run are not followed", path.string()));
  }
  if (file.get() < 0 || fstat(file.get(), &status) != 0) throw Failure("read", path, errno);
  if (S_ISDIR(status.st_mode)) throw Failure("read", path, EISDIR);
  if (S_ISREG(status.st_mode)) return file;
  throw std::runtime_error(fmt::format("cannot read {}: it is no regular file", path.string()));
}

// What is left of a file to read, as far as can be told.
std::size_t BytesLeft(const UniqueFd& file) {
  struct stat status {};
  const off_t at = lseek(file.get(), 0, SEEK_CUR);
  if (at < 0 || fstat(file.get(), &status) != 0 || status.st_size <= at) return 0;
  return std::size_t(status.st_size - at);
}

std::string ReadAll(const UniqueFd& file, const fs::path& path) {
  const auto require_bounded = [&path](std::size_t bytes) {
    if (bytes <= kMaxBytes) return;
    throw std::runtime_error(fmt::format("cannot read {}: it is larger than 1 GiB", path.string()));
  };
  require_bounded(BytesLeft(file));
  std::string text;
  text.reserve(BytesLeft(file));  // growing takes up to three times the memory
  std::array<char, 65536> buffer{};
  for (;;) {
    const ssize_t n = read(file.get(), buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw Failure("read", path, errno);
    if (n == 0) return text;
    require_bounded(text.size() + std::size_t(n));  // before the text would grow to two
    text.append(buffer.data(), std::size_t(n));
  }
}

}  // namespace

void WriteWholeFile(const fs::path& path, std::string_view text, Named named) {
  const int error = named == Named::kByUser ? WriteNamedFile(path, text) : WriteInFolder(path, text);
  if (error != 0) throw Failure("write", path, error);
}

std::string ReadFile(const fs::path& path, Named named) {
  if (named == Named::kByUser) {
    const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) throw Failure("read", path, errno);
    return ReadAll(file, path);
  }
  struct stat status {};
  return ReadAll(OpenRegular(path, status), path);
}

std::string ReadEnd(const fs::path& path, std::size_t bytes) {
  struct stat status {};
  const UniqueFd file = OpenRegular(path, status);
  const off_t start = std::max<off_t>(0, status.st_size - off_t(bytes));
  if (lseek(file.get(), start, SEEK_SET) < 0) throw Failure("read", path, errno);
  return ReadAll(file, path);
}

bool IsOwnDescriptor(const fs::path& path) { return Resolve(path).descriptor.has_value(); }

}  // namespace tbench
