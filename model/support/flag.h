#pragma once

#include <functional>
#include <string>
#include <vector>

// Command lines as data. Only program.cpp knows the library that parses them, which is slow to compile.
namespace tbench {

// A flag or a positional argument.
struct Flag {
  std::string name;     // "--trials", "-o,--output"; a positional argument's has no dash
  std::string metavar;  // its value's name in --help; empty: it takes none
  std::string help;
  std::function<void(const std::string&)> read;  // called with each value, "" where it takes none; throws InputError
  std::string group = "Options";                 // heading in --help
  bool repeatable = false;
  std::string needs, excludes;  // names of other flags of the program
};

// Keep what is given in `target`, which must outlive the parsing.
Flag TextFlag(const std::string& name, const std::string& metavar, std::string& target, const std::string& help);
Flag ListFlag(const std::string& name, const std::string& metavar, std::vector<std::string>& target,
              const std::string& help);
Flag SwitchFlag(const std::string& name, bool& target, const std::string& help);

// A program's command line, or a subcommand's.
struct CommandLine {
  std::string name;
  std::string description;
  std::string footer;  // of --help: examples, exit codes
  std::vector<Flag> flags;
  std::vector<CommandLine> subcommands;
  std::vector<std::string> pass_through;  // prefixes of arguments that somebody else reads
};

}  // namespace tbench
