#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/flags.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/signals.h"
#include "model/spec/config.h"

// The benchmark program as the sweep sees it: an executable that describes a grid and runs one case of it.
namespace tbench {

// A signal asked the sweep to stop. Not an error: main turns it into an exit code.
struct Interrupted {
  int signal;
};

// transformer_bench beside this program.
std::filesystem::path DefaultBinary();

// A hash of the file's bytes. Throws if it cannot be read.
std::string HashOfFile(const std::filesystem::path& path);

// What --describe says: the grid as this machine has it, and the machine.
struct Description {
  Json context;  // string -> string
  std::vector<Case> cases;
  std::vector<Ceiling> ceilings;  // none unless the flags ask for them

  bool on_gpu() const { return context.value("device", "") == "cuda"; }
  // The numbers behind a case's model.
  ModelConfig Model(const Case& c) const;
};

// Asks the program. InputError if it refuses the flags, in its own words, or is no transformer_bench; Interrupted.
Description Describe(const std::filesystem::path& binary, const BenchFlags& flags, const Signals& signals);

// The arguments, argv[0] included, with which the program runs that case and writes `json`.
std::vector<std::string> CaseArguments(const BenchFlags& flags, const Case& c, const std::filesystem::path& json);

// The same for these ceilings.
std::vector<std::string> CeilingArguments(const BenchFlags& flags, const std::vector<Ceiling>& ceilings,
                                          const std::filesystem::path& json);

// A regular expression that finds `text` only.
std::string EscapeRegex(std::string_view text);

}  // namespace tbench
