#include "model/support/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "model/support/input_error.h"

namespace tbench {
namespace {

// The flags of the app, for a hint when one is misspelt.
std::vector<std::string> FlagNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

InputError UnknownArgument(const CLI::App& app, const std::string& argument) {
  const std::string flag = argument.substr(0, argument.find('='));
  const std::string nearest = NearestMatch(flag, FlagNames(app));
  const std::string hint = nearest.empty() ? "" : fmt::format(", did you mean '{}'?", nearest);
  return InputError(fmt::format("unknown argument '{}'{} --help lists the flags", argument, hint.empty() ? "." : hint));
}

}  // namespace

int RunProgram(const std::string& name, const std::function<int()>& body) {
  try {
    return body();
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: error: {}\n", name, error.what());
  } catch (...) {
    fmt::print(stderr, "{}: error: an exception of unknown type\n", name);
  }
  return kExitBadInput;
}

ParsedLine ParseCommandLine(CLI::App& app, int argc, char** argv, const std::vector<std::string>& pass_through) {
  app.set_version_flag("--version", VersionText());
  app.allow_extras();
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked);
    return {.done = true, .extras = {}};
  } catch (const CLI::ParseError& error) {
    throw InputError(error.what());
  }
  const std::vector<std::string> extras = app.remaining(/*recurse=*/true);
  for (const std::string& extra : extras) {
    const auto begins_extra = [&](const std::string& prefix) { return extra.starts_with(prefix); };
    if (std::ranges::none_of(pass_through, begins_extra)) throw UnknownArgument(app, extra);
  }
  return {.done = false, .extras = extras};
}

void RequireOutputWritten() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw std::runtime_error("cannot write to stdout");
}

std::string VersionText() { return fmt::format("{} (commit {})", Version(), GitCommit()); }

}  // namespace tbench
