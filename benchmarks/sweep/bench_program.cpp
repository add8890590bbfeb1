#include "benchmarks/sweep/bench_program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include "benchmarks/sweep/child_process.h"
#include "model/support/hash.h"
#include "model/support/input_error.h"
#include "model/support/unique_fd.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;

// Google Benchmark writes argv[0] into the JSON: a name that is the same on every machine.
constexpr const char* kProgramName = "transformer_bench";
// LibTorch's first start from a cold disk takes seconds; longer than this, the driver hangs.
constexpr std::chrono::minutes kDescribeLimit{5};
// More than the largest grid that there may be takes.
constexpr std::size_t kDescribeMebibytes = 64;
constexpr std::size_t kDescribeBytes = kDescribeMebibytes << 20;
constexpr std::size_t kComplaintBytes = 4096;

UniqueFd MemoryFile(const char* name) {
  UniqueFd file(memfd_create(name, MFD_CLOEXEC));
  if (file.get() < 0) ThrowErrno("memfd_create");
  return file;
}

std::string Content(const UniqueFd& file) {
  std::string content;
  std::array<char, 4096> buffer;
  for (ssize_t got = 0; (got = pread(file.get(), buffer.data(), buffer.size(), off_t(content.size()))) > 0;) {
    content.append(buffer.data(), std::size_t(got));
  }
  return content;
}

// What the program said about its input, without its own "NAME: error: ".
std::string Complaint(const std::string& errors) {
  constexpr std::string_view kMark = ": error: ";
  const std::size_t mark = errors.find(kMark);
  const std::string text = mark == std::string::npos ? errors : errors.substr(mark + kMark.size());
  return text.substr(0, std::min(text.find_last_not_of('\n') + 1, kComplaintBytes));
}

std::vector<std::string> Arguments(const BenchFlags& flags) {
  std::vector<std::string> arguments = ToArguments(flags);
  arguments.insert(arguments.begin(), kProgramName);
  return arguments;
}

// `names` is a regular expression for whole names.
std::vector<std::string> FilteredArguments(const BenchFlags& flags, const std::string& names, const fs::path& json) {
  std::vector<std::string> arguments = Arguments(flags);
  // What the library appends follows: a later axis would make it another case.
  arguments.push_back("--benchmark_filter=^" + names + "/iterations:");
  arguments.push_back("--benchmark_out=" + json.string());
  arguments.emplace_back("--benchmark_out_format=json");
  return arguments;
}

Description ParseDescription(const std::string& text) {
  const Json json = ParseJson(text);
  Description description{.context = json.at("context"), .cases = {}, .ceilings = {}};
  for (const auto& [key, value] : description.context.items()) value.get<std::string>();
  for (const Json& name : json.at("cases")) description.cases.push_back(ParseCaseName(name.get<std::string>()));
  for (const Case& c : description.cases) description.Model(c);
  // A program from before ceilings existed names none.
  for (const Json& name : json.value("ceilings", Json::array())) {
    description.ceilings.push_back(ParseCeilingName(name.get<std::string>()));
  }
  return description;
}

}  // namespace

fs::path DefaultBinary() { return fs::read_symlink("/proc/self/exe").parent_path() / kProgramName; }

std::string HashOfFile(const fs::path& path) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) ThrowErrno(path.string());
  const std::size_t size = fs::file_size(path);
  if (size == 0) return fmt::format("{:016x}", Hash(""));
  // Mapped, not read: a program of LibTorch's kind may be large, and nearly all of it is in the page cache.
  void* bytes = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (bytes == MAP_FAILED) ThrowErrno(path.string());
  const std::uint64_t hash = Hash({static_cast<const char*>(bytes), size});
  munmap(bytes, size);
  return fmt::format("{:016x}", hash);
}

ModelConfig Description::Model(const Case& c) const {
  return ParseModelConfig(context.at("model." + c.model).get<std::string>());
}

Description Describe(const fs::path& binary, const BenchFlags& flags, const Signals& signals) {
  if (!fs::is_regular_file(binary)) {
    throw InputError(fmt::format("there is no benchmark program '{}'; --binary names another", binary.string()));
  }
  const UniqueFd output = MemoryFile("output"), errors = MemoryFile("errors");
  ChildCommand command{.program = binary.string(),
                       .arguments = Arguments(flags),
                       .output = output.get(),
                       .errors = errors.get(),
                       .max_file_bytes = kDescribeBytes};
  command.arguments.emplace_back("--describe");
  const ChildEnd end = RunChild(command, signals, kDescribeLimit);
  if (end.interrupted_by) throw Interrupted{*end.interrupted_by};
  if (end.timed_out) {
    throw InputError(
        fmt::format("'{} --describe' timed out after {} minutes", binary.string(), kDescribeLimit.count()));
  }
  const std::string text = Content(output), error_text = Content(errors);
  if (std::max(text.size(), error_text.size()) >= kDescribeBytes) {
    throw InputError(fmt::format("'{}' is no transformer_bench: its --describe printed more than {} MiB",
                                 binary.string(), kDescribeMebibytes));
  }
  const std::string complaint = Complaint(error_text);
  if (end.exited && end.code == 2 && !complaint.empty()) throw InputError(complaint);
  if (!end.exited || end.code != 0) {
    throw InputError(fmt::format("'{} --describe' ended with {}{}{}", binary.string(),
                                 end.exited ? fmt::format("exit code {}", end.code) : SignalName(end.code),
                                 complaint.empty() ? "" : ": ", complaint));
  }
  Description description;
  try {
    description = ParseDescription(text);
  } catch (const std::exception& error) {
    throw InputError(
        fmt::format("'{}' is no transformer_bench: its --describe cannot be read: {}", binary.string(), error.what()));
  }
  if (description.cases.empty()) throw InputError("the grid has no cases");
  return description;
}

std::vector<std::string> CaseArguments(const BenchFlags& flags, const Case& c, const fs::path& json) {
  return FilteredArguments(flags, EscapeRegex(CaseName(c)), json);
}

std::vector<std::string> CeilingArguments(const BenchFlags& flags, const std::vector<Ceiling>& ceilings,
                                          const fs::path& json) {
  std::vector<std::string> names;
  for (const Ceiling& ceiling : ceilings) names.push_back(EscapeRegex(CeilingName(ceiling)));
  return FilteredArguments(flags, fmt::format("({})", fmt::join(names, "|")), json);
}

std::string EscapeRegex(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (std::string_view(".[]{}()*+?^$|\\").find(c) != std::string_view::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

}  // namespace tbench
