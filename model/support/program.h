#pragma once

#include <functional>
#include <string>
#include <vector>

#include "model/support/flag.h"

// What the command lines of all our programs have in common.
namespace tbench {

inline constexpr int kExitGood = 0;
inline constexpr int kExitFailed = 1;    // it ran, and something that it reports on is not good
inline constexpr int kExitBadInput = 2;  // it could not do what was asked for

// Prints a line to stderr. One that cannot be written there is lost: no reason to fail.
void PrintToStderr(const std::string& line);

// Runs a program's body. What it throws becomes "NAME: error: …" on stderr and kExitBadInput. Standard descriptors that
// are closed are opened on /dev/null first, so that no file takes their numbers.
int RunProgram(const std::string& name, const std::function<int()>& body);

// A flag that was given, with one of its values.
struct GivenFlag {
  std::string name;  // its long one
  std::string group;
  std::string value;
};

struct ParsedLine {
  bool done = false;                // --help or --version was asked for and printed: exit with 0
  std::string subcommand;           // the one that was named, if any
  std::vector<GivenFlag> given;     // the program's own, in the order in which they are defined
  std::vector<std::string> extras;  // arguments that begin with one of the pass-through prefixes

  bool Has(const std::string& flag) const;
};

// Reads the arguments, argv[1] and on, by the flags of `line` and by --help and --version, which every program has.
// Throws InputError, with the nearest flag, for an argument that is neither a flag's nor to be passed through.
ParsedLine ParseCommandLine(const CommandLine& line, std::vector<std::string> arguments);

// Throws if what was printed to stdout did not get there: a full disk is an error as for any other file.
void RequireOutputWritten();

// "0.2.0 (commit 1a2b3c…)", for --version.
std::string VersionText();
// The version and the commit that this was built from; the commit is "unknown" outside a git checkout.
const char* Version();
const char* GitCommit();

}  // namespace tbench
