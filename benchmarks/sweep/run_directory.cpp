#include "benchmarks/sweep/run_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <set>
#include <system_error>
#include <thread>

#include "benchmarks/sweep/run_context.h"
#include "model/support/atomic_file.h"
#include "model/support/hash.h"
#include "model/support/input_error.h"
#include "model/support/program.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

constexpr const char* kManifestName = "sweep.json";
constexpr const char* kLockName = "sweep.lock";
constexpr const char* kCasesName = "cases";
constexpr const char* kTracesName = "traces";
constexpr const char* kRemeasuredName = "remeasured";

UniqueFd Lock(const fs::path& directory) {
  const fs::path path = directory / kLockName;
  UniqueFd file(open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (file.get() < 0) ThrowErrno(fmt::format("cannot write '{}'", path.string()));
  // A killed sweep's child may hold the lock for the moment that it has left.
  for (int tries = 100; flock(file.get(), LOCK_EX | LOCK_NB) != 0; --tries) {
    if (errno == ENOSYS || errno == EOPNOTSUPP || errno == ENOLCK) {  // as Lustre without -o flock
      PrintToStderr(fmt::format("tbench_sweep: warning: '{}' cannot be locked ({}): start no other sweep in it",
                                directory.string(), std::generic_category().message(errno)));
      return file;
    }
    if (errno != EWOULDBLOCK) ThrowErrno(fmt::format("cannot lock '{}'", path.string()));
    if (tries == 0) throw InputError(fmt::format("another sweep is working in '{}'", directory.string()));
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return file;
}

Json ToJson(const Manifest& manifest) {
  return {{"command", manifest.command},   {"shard", ToString(manifest.shard)},
          {"trials", manifest.trials},     {"binary", manifest.binary},
          {"ceilings", manifest.ceilings}, {"profile", manifest.profile},
          {"context", manifest.context},   {"cases", manifest.cases}};
}

// A log of this very sweep, such as Slurm's.
bool IsOwnOutput(const fs::path& file) {
  struct stat there {};
  if (stat(file.c_str(), &there) != 0) return false;
  const auto is_there = [&there](int descriptor) {
    struct stat own {};
    return fstat(descriptor, &own) == 0 && own.st_dev == there.st_dev && own.st_ino == there.st_ino;
  };
  return is_there(STDOUT_FILENO) || is_there(STDERR_FILENO);
}

// A name in a directory that no sweep began in, so that its files are not taken for ours; empty if there is none. A
// sweep that was killed before it wrote its manifest leaves no more than this.
std::string ForeignFile(const fs::path& directory) {
  if (!fs::exists(directory) || fs::exists(directory / kManifestName)) return "";
  for (const auto& entry : fs::directory_iterator(directory)) {
    std::string name = entry.path().filename().string();
    const bool begun = name == kLockName || (name == kCasesName && fs::is_empty(entry.path())) ||
                       (name.starts_with(kManifestName) && name.ends_with(kPartialSuffix)) || IsOwnOutput(entry.path());
    if (!begun) return name;
  }
  return "";
}

// "24 cases there, 12 here" and a case that only one of the grids has.
std::string GridDifference(const std::vector<std::string>& there, const std::vector<std::string>& here) {
  std::string text = fmt::format("grid: {} cases there, {} here", there.size(), here.size());
  const auto lacks = [](const std::vector<std::string>& grid) {
    return [names = std::set(grid.begin(), grid.end())](const std::string& name) { return !names.contains(name); };
  };
  if (const auto only = std::ranges::find_if(there, lacks(here)); only != there.end()) {
    return text + ", only there is " + *only;
  }
  if (const auto only = std::ranges::find_if(here, lacks(there)); only != here.end()) {
    return text + ", only here is " + *only;
  }
  return text + ", in another order";
}

}  // namespace

fs::path RunJson(const fs::path& directory) { return directory / kRunFileName; }

std::optional<Manifest> ReadManifest(const fs::path& directory) {
  const fs::path file = directory / kManifestName;
  if (!fs::exists(file)) return std::nullopt;
  try {
    const Json json = ParseJson(ReadFile(file));
    return Manifest{.command = json.at("command"),
                    .cases = json.at("cases"),
                    .trials = json.at("trials"),
                    .shard = ParseShard(json.at("shard"), [](const auto&) { return std::nullopt; }),
                    .binary = json.at("binary"),
                    .ceilings = json.value("ceilings", std::vector<std::string>()),
                    .profile = json.value("profile", false),
                    .context = json.at("context")};
  } catch (const std::exception& error) {
    throw InputError(fmt::format("'{}' is no sweep's: {}", file.string(), error.what()));
  }
}

std::vector<std::string> Differences(const Manifest& there, const Manifest& here) {
  std::vector<std::string> differences;
  if (there.cases != here.cases) differences.push_back(GridDifference(there.cases, here.cases));
  if (there.trials != here.trials) {
    differences.push_back(fmt::format("trials: {} there, {} here", there.trials, here.trials));
  }
  if (there.shard != here.shard) {
    differences.push_back(fmt::format("shard: {} there, {} here", ToString(there.shard), ToString(here.shard)));
  }
  if (there.binary != here.binary) {
    differences.push_back(fmt::format("benchmark program: hash {} there, {} here", there.binary, here.binary));
  }
  if (there.ceilings != here.ceilings) {
    differences.push_back(fmt::format("ceilings: {} there, {} here", there.ceilings.size(), here.ceilings.size()));
  }
  if (there.profile != here.profile) {
    differences.emplace_back(there.profile ? "profile: there, not here" : "profile: here, not there");
  }
  std::ranges::move(DifferencesWithinPart(there.context, here.context), std::back_inserter(differences));
  return differences;
}

void RequireNoLink(const fs::path& path) {
  if (!fs::is_symlink(path)) return;
  throw InputError(fmt::format("'{}' is a link: a sweep writes in its own folder", path.string()));
}

RunDirectory::RunDirectory(fs::path path, const Manifest& manifest) : path_(std::move(path)) {
  if (const std::string foreign = ForeignFile(path_); !foreign.empty()) {
    throw InputError(fmt::format("'{}' is not empty and not a sweep directory (found '{}')", path_.string(), foreign));
  }
  for (const char* folder : {kCasesName, kTracesName, kRemeasuredName}) RequireNoLink(path_ / folder);
  fs::create_directories(path_);
  lock_ = Lock(path_);
  const std::optional<Manifest> there = ReadManifest(path_);
  if (there) {
    if (const auto differences = Differences(*there, manifest); !differences.empty()) {
      throw InputError(fmt::format("'{}' holds another run ('there') than this one ('here'):\n  {}\nIt began as: {}",
                                   path_.string(), fmt::join(differences, "\n  "), there->command));
    }
  }
  fs::create_directories(path_ / kCasesName);
  RemovePartials();
  if (!there) WriteWholeFile(path_ / kManifestName, ToText(ToJson(manifest)));
}

fs::path RunDirectory::Partial(const fs::path& file) { return file.string() + std::string(kPartialSuffix); }

fs::path RunDirectory::CaseFilePath(const Case& c, const char* extension) const {
  return path_ / kCasesName / (Slug(c) + extension);
}

fs::path RunDirectory::CeilingJson(const std::string& moment) const {
  return path_ / kCasesName / fmt::format("ceilings-{}.json", moment);
}

fs::path RunDirectory::CeilingLog(const std::string& moment) const {
  return path_ / kCasesName / fmt::format("ceilings-{}.log", moment);
}

fs::path RunDirectory::Traces() const { return path_ / kTracesName; }

fs::path RunDirectory::Remeasured() const { return path_ / kRemeasuredName; }

void RunDirectory::RemovePartials() const {
  for (const fs::path& directory : {path_, path_ / kCasesName, Traces()}) {
    if (!fs::exists(directory)) continue;
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.path().extension() == kPartialSuffix) fs::remove(entry.path());
    }
  }
}

void RunDirectory::RequireRoom(std::size_t bytes) const {
  const fs::path probe = Partial(path_ / "room");
  WriteWholeFile(probe, std::string(bytes, '\0'));
  fs::remove(probe);
}

}  // namespace tbench
