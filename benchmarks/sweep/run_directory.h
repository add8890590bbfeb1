#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "benchmarks/names/case.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/shard.h"
#include "model/support/unique_fd.h"

// What a sweep leaves: run.json, sweep.json (the manifest) and cases/SLUG.json and .log.
namespace tbench {

inline constexpr const char* kRunFileName = "run.json";

std::filesystem::path RunJson(const std::filesystem::path& directory);

// What a run is of. Only the same thing goes on in its directory.
struct Manifest {
  std::string command;             // for people
  std::vector<std::string> cases;  // of the whole grid, in its order
  std::int64_t trials = 0;
  Shard shard;
  std::string binary;                 // a hash of the benchmark program
  std::vector<std::string> ceilings;  // their names
  bool profile = false;
  Json context;  // as it described the machine
};

// Nothing if the directory has none; InputError if it cannot be read.
std::optional<Manifest> ReadManifest(const std::filesystem::path& directory);

// What keeps `here` from going on with the run `there`, in words; empty if nothing does.
std::vector<std::string> Differences(const Manifest& there, const Manifest& here);

// InputError if the path is a link: what a sweep writes stays in its own folders.
void RequireNoLink(const std::filesystem::path& path);

// A run's directory, made if need be, and this process's alone for as long as the object lives.
class RunDirectory {
 public:
  // InputError if another sweep works in it, if it holds a run that `manifest` does not go on with, or files that no
  // sweep wrote. Removes what a killed sweep left half done.
  RunDirectory(std::filesystem::path path, const Manifest& manifest);

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path CaseJson(const Case& c) const { return CaseFilePath(c, ".json"); }
  std::filesystem::path CaseLog(const Case& c) const { return CaseFilePath(c, ".log"); }
  // Of the ceilings at one moment of the sweep, "start" or "end".
  std::filesystem::path CeilingJson(const std::string& moment) const;
  std::filesystem::path CeilingLog(const std::string& moment) const;
  std::filesystem::path Traces() const;      // of profiled steps
  std::filesystem::path Remeasured() const;  // what --against measured again
  // Where a child writes: nobody takes it for the finished file.
  static std::filesystem::path Partial(const std::filesystem::path& file);

  // Throws if the disk does not take so much more, so that nobody blames a child for a full one.
  void RequireRoom(std::size_t bytes) const;

 private:
  std::filesystem::path CaseFilePath(const Case& c, const char* extension) const;
  void RemovePartials() const;

  std::filesystem::path path_;
  UniqueFd lock_;
};

}  // namespace tbench
