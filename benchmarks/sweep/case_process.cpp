#include "benchmarks/sweep/case_process.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "benchmarks/program.h"
#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/outcome.h"
#include "model/whole_file.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

UniqueFd OpenLog(const fs::path& path) {
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666));
  if (file.get() < 0)
    throw std::system_error(errno, std::generic_category(), fmt::format("cannot write '{}'", path.string()));
  return file;
}

// What the child wrote, or a row that says why it did not.
CaseFile ReadResult(const CaseProcess& process, const ChildEnd& end, const fs::path& json, const fs::path& log,
                    const RunDirectory& directory) {
  const std::int64_t trials = process.flags.trials;
  std::string file_error;
  try {
    if (!fs::exists(json)) throw BadCaseFile("it does not exist");
    CaseFile file = ParseCaseFile(ReadFile(json), process.c, trials);
    const bool exit_fits = end.exited && end.code == (file.failed() ? kExitFailed : kExitGood);
    if (exit_fits && !end.timed_out) return file;
  } catch (const BadCaseFile& error) {
    file_error = error.what();
    // A full disk cuts files as well, and is not the case's fault.
    constexpr std::uintmax_t kRoom = 1 << 18;  // more than most cases' files
    directory.RequireRoom(std::max(kRoom, 2 * (fs::exists(json) ? fs::file_size(json) : 0)));
  }
  const std::string error =
      DescribeFailure(end, process.limit, file_error, WithoutHeader(ReadFile(log), process.context));
  return ParseCaseFile(ToText(ErrorCaseFile(process.c, trials, process.context, error)), process.c, trials);
}

}  // namespace

CaseFile RunCaseProcess(const CaseProcess& process, const RunDirectory& directory, const Signals& signals,
                        const std::function<void()>& tick) {
  const fs::path partial_json = RunDirectory::Partial(process.json), partial_log = RunDirectory::Partial(process.log);
  const UniqueFd log_file = OpenLog(partial_log);
  const ChildEnd end = RunChild({.program = process.binary.string(),
                                 .arguments = CaseArguments(process.flags, process.c, partial_json),
                                 .output = log_file.get(),
                                 .errors = log_file.get()},
                                signals, process.limit, tick);
  if (end.interrupted_by) {
    fs::remove(partial_json);
    fs::remove(partial_log);
    throw Interrupted{*end.interrupted_by};
  }
  CaseFile file = ReadResult(process, end, partial_json, partial_log, directory);
  fs::rename(partial_log, process.log);
  WriteWholeFile(process.json, ToText(file.json));
  fs::remove(partial_json);
  return file;
}

}  // namespace tbench
