#include "analysis/read/read_run.h"

#include <fmt/format.h>

#include "model/support/atomic_file.h"
#include "model/support/input_error.h"

namespace tbench {

namespace fs = std::filesystem;

fs::path RunFilePath(const std::string& given) {
  fs::path path(given);
  if (!fs::exists(path)) throw InputError(fmt::format("{}: there is no such file or folder", given));
  if (!fs::is_directory(path)) return path;
  if (fs::exists(path / "run.json")) return path / "run.json";
  const bool was_cut_off = fs::exists(path / "sweep.json");
  throw InputError(fmt::format("{}: this folder holds no run.json{}", given,
                               was_cut_off ? ": its sweep was cut off, and goes on by the same command" : ""));
}

RunFile ReadRun(const std::string& given) {
  const fs::path path = RunFilePath(given);
  RunFile run = ParseRunFile(ReadFile(path, fs::is_directory(given) ? Named::kInFolder : Named::kByUser));
  run.source = path.string();
  return run;
}

}  // namespace tbench
