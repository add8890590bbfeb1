#include "model/support/program.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <exception>
#include <stdexcept>

#include "model/support/input_error.h"
#include "model/support/one_line.h"

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

void AddFlag(CLI::App& app, const Flag& flag) {
  CLI::Option* option = nullptr;
  if (flag.metavar.empty()) {
    option = app.add_flag_callback(
        flag.name, [&flag] { flag.read(""); }, flag.help);
  } else if (flag.repeatable) {
    const auto read_each = [&flag](const std::vector<std::string>& values) {
      std::ranges::for_each(values, flag.read);
    };
    option = app.add_option_function<std::vector<std::string>>(flag.name, read_each, flag.help);
    // A positional argument takes all that follow, a flag one value each time.
    if (flag.name.starts_with('-')) option->expected(1)->take_all();
  } else {
    option = app.add_option_function<std::string>(flag.name, flag.read, flag.help);
  }
  if (!flag.metavar.empty()) option->type_name(flag.metavar);
  option->group(flag.group);
}

// `app` refers to `line`.
void AddFlags(CLI::App& app, const CommandLine& line) {
  for (const Flag& flag : line.flags) AddFlag(app, flag);
  for (const Flag& flag : line.flags) {
    CLI::Option* option = app.get_option(flag.name.substr(0, flag.name.find(',')));
    if (!flag.needs.empty()) option->needs(app.get_option(flag.needs));
    if (!flag.excludes.empty()) option->excludes(app.get_option(flag.excludes));
  }
  for (const CommandLine& subcommand : line.subcommands) {
    AddFlags(*app.add_subcommand(subcommand.name, subcommand.description), subcommand);
  }
}

std::vector<GivenFlag> GivenFlags(const CLI::App& app) {
  std::vector<GivenFlag> given;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) continue;
    for (const std::string& value : option->results()) {
      given.push_back({"--" + option->get_lnames().front(), option->get_group(), value});
    }
  }
  return given;
}

void OpenStandardDescriptors() {
  int file = -1;
  do {
    file = open("/dev/null", O_RDWR);  // takes the lowest number that is free
  } while (file >= 0 && file <= STDERR_FILENO);
  if (file >= 0) close(file);
}

}  // namespace

void PrintToStderr(const std::string& line) { std::fputs((line + "\n").c_str(), stderr); }

int RunProgram(const std::string& name, const std::function<int()>& body) {
  OpenStandardDescriptors();
  try {
    return body();
  } catch (const std::exception& error) {
    PrintToStderr(fmt::format("{}: error: {}", name, OneLine(error.what())));
  } catch (...) {
    PrintToStderr(name + ": error: an exception of unknown type");
  }
  return kExitBadInput;
}

bool ParsedLine::Has(const std::string& flag) const {
  return std::ranges::any_of(given, [&](const GivenFlag& one) { return one.name == flag; });
}

ParsedLine ParseCommandLine(const CommandLine& line, std::vector<std::string> arguments) {
  CLI::App app(line.description, line.name);
  app.footer(line.footer);
  AddFlags(app, line);
  app.set_version_flag("--version", VersionText());
  app.allow_extras();
  try {
    std::ranges::reverse(arguments);  // as CLI11 wants them
    app.parse(std::move(arguments));
  } catch (const CLI::Success& asked) {  // --help, --version
    app.exit(asked);
    RequireOutputWritten();
    return {.done = true};
  } catch (const CLI::ParseError& error) {
    throw InputError(error.what());
  }
  ParsedLine parsed{.given = GivenFlags(app), .extras = app.remaining(/*recurse=*/true)};
  for (const CLI::App* subcommand : app.get_subcommands()) parsed.subcommand = subcommand->get_name();
  for (const std::string& extra : parsed.extras) {
    const auto begins_extra = [&](const std::string& prefix) { return extra.starts_with(prefix); };
    if (std::ranges::none_of(line.pass_through, begins_extra)) throw UnknownArgument(app, extra);
  }
  return parsed;
}

void RequireOutputWritten() {
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) throw std::runtime_error("cannot write to stdout");
}

std::string VersionText() { return fmt::format("{} (commit {})", Version(), GitCommit()); }

}  // namespace tbench
