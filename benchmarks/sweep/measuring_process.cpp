#include "benchmarks/sweep/measuring_process.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/outcome.h"
#include "model/support/atomic_file.h"
#include "model/support/program.h"
#include "model/support/unique_fd.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLogBytes = 1 << 16;  // the reason is at the end

UniqueFd OpenLog(const fs::path& path) {
  UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666));
  if (file.get() < 0) ThrowErrno(fmt::format("cannot write '{}'", path.string()));
  return file;
}

// What a kind of file is read by, and what stands in for one that cannot be read.
template <class File>
struct Kind {
  std::function<File(const std::string& text)> parse;
  std::function<Json(const std::string& error)> describe;
};

// What the child wrote, or rows that say why it did not.
template <class File>
File ReadResult(const MeasuringProcess& process, const Kind<File>& kind, const ChildEnd& end, const fs::path& json,
                const fs::path& log) {
  std::string file_error;
  try {
    if (!fs::exists(json)) throw BadCaseFile("it does not exist");
    if (!fs::is_regular_file(fs::symlink_status(json))) throw BadCaseFile("it is no regular file");
    File file = kind.parse(ReadFile(json));
    const bool exit_fits = end.exited && end.code == (file.failed() ? kExitFailed : kExitGood);
    if (exit_fits && !end.timed_out) return file;
  } catch (const BadCaseFile& error) {
    file_error = error.what();
    // A full disk cuts files as well, and is not the case's fault.
    constexpr std::uintmax_t kRoom = 1 << 18;  // more than most cases' files
    process.directory.RequireRoom(std::max(kRoom, 2 * (fs::is_regular_file(json) ? fs::file_size(json) : 0)));
  }
  const std::string error =
      DescribeFailure(end, process.limit, file_error, WithoutHeader(ReadEnd(log, kLogBytes), process.context));
  return kind.parse(ToText(kind.describe(error)));
}

template <class File>
File Run(const MeasuringProcess& process, const Kind<File>& kind, std::vector<std::string> arguments) {
  const fs::path partial_json = RunDirectory::Partial(process.json), partial_log = RunDirectory::Partial(process.log);
  fs::remove_all(partial_json);  // nobody's file, but maybe a link that the child would follow
  const UniqueFd log_file = OpenLog(partial_log);
  const ChildEnd end = RunChild({.program = process.binary.string(),
                                 .arguments = std::move(arguments),
                                 .output = log_file.get(),
                                 .errors = log_file.get()},
                                process.signals, process.limit, process.tick);
  if (end.interrupted_by) {
    fs::remove(partial_json);
    fs::remove(partial_log);
    throw Interrupted{*end.interrupted_by};
  }
  File file = ReadResult(process, kind, end, partial_json, partial_log);
  fs::rename(partial_log, process.log);
  WriteWholeFile(process.json, ToText(file.json));
  fs::remove_all(partial_json);  // whatever the child made of it
  return file;
}

}  // namespace

CaseFile RunCaseProcess(const MeasuringProcess& process, const Case& c, const fs::path& traces) {
  const std::int64_t trials = process.flags.trials;
  const Kind<CaseFile> kind{
      .parse = [&](const std::string& text) { return ParseCaseFile(text, c, trials); },
      .describe = [&](const std::string& error) { return ErrorCaseFile(c, trials, process.context, error); }};
  std::vector<std::string> arguments = CaseArguments(process.flags, c, RunDirectory::Partial(process.json));
  if (!traces.empty()) arguments.push_back("--profile=" + traces.string());
  return Run(process, kind, std::move(arguments));
}

CeilingFile RunCeilingProcess(const MeasuringProcess& process, const std::vector<Ceiling>& ceilings) {
  const Kind<CeilingFile> kind{
      .parse = [&](const std::string& text) { return ParseCeilingFile(text, ceilings); },
      .describe = [&](const std::string& error) { return ErrorCeilingFile(ceilings, process.context, error); }};
  return Run(process, kind, CeilingArguments(process.flags, ceilings, RunDirectory::Partial(process.json)));
}

}  // namespace tbench
