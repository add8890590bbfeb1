#include "benchmarks/sweep/read_part.h"

#include <fmt/format.h>

#include <exception>
#include <filesystem>

#include "benchmarks/sweep/run_directory.h"
#include "model/support/atomic_file.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

std::string TextOf(const std::filesystem::path& file, Named named) {
  try {
    return ReadFile(file, named);
  } catch (const std::exception& error) {
    throw InputError(fmt::format("'{}' is no run: {}", file.string(), error.what()));
  }
}

}  // namespace

RunPart ReadRunPart(const std::string& path) {
  const bool is_directory = std::filesystem::is_directory(path);
  const std::filesystem::path file = is_directory ? RunJson(path) : std::filesystem::path(path);
  if (!std::filesystem::exists(file)) {
    throw InputError(is_directory ? fmt::format("'{}' has no {}: run its sweep to the end first", path, kRunFileName)
                                  : fmt::format("'{}' is neither a run directory nor a run.json", path));
  }
  RunPart part = ParseRunPart(file.string(), TextOf(file, is_directory ? Named::kInFolder : Named::kByUser));
  part.source = path;
  if (const auto manifest = ReadManifest(file.parent_path())) {
    part.grid = manifest->cases;
    part.program = manifest->binary;
  }
  return part;
}

}  // namespace tbench
