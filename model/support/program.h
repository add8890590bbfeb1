#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

// What the command lines of all our programs have in common.
namespace tbench {

inline constexpr int kExitGood = 0;
inline constexpr int kExitFailed = 1;    // it ran, and something that it reports on is not good
inline constexpr int kExitBadInput = 2;  // it could not do what was asked for

// Runs a program's body. What it throws becomes "NAME: error: …" on stderr and kExitBadInput.
int RunProgram(const std::string& name, const std::function<int()>& body);

// Set by ParseCommandLine.
struct ParsedLine {
  bool done = false;                // --help or --version was asked for and printed: exit with 0
  std::vector<std::string> extras;  // arguments that begin with one of the pass-through prefixes
};

// Adds --version, then reads the command line into `app`. Throws InputError, with the nearest flag, for an argument
// that is neither `app`'s nor begins with one of `pass_through`.
ParsedLine ParseCommandLine(CLI::App& app, int argc, char** argv, const std::vector<std::string>& pass_through = {});

// Throws if what was printed to stdout did not get there: a full disk is an error as for any other file.
void RequireOutputWritten();

// "0.2.0 (commit 1a2b3c…)", for --version.
std::string VersionText();
// The version and the commit that this was built from; the commit is "unknown" outside a git checkout.
const char* Version();
const char* GitCommit();

}  // namespace tbench
