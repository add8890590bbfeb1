#pragma once

#include <fuzzer/FuzzedDataProvider.h>

#include <string>
#include <utility>
#include <vector>

// Runs that are valid but for what a fuzzer's bytes plant in them: they reach what raw bytes seldom do.
namespace tbench {

// Keys and their values as JSON, in the order of a file; a key may come twice.
using Fields = std::vector<std::pair<std::string, std::string>>;

struct MadeRun {
  Fields context;
  std::vector<Fields> rows;
};

// A good run of a few cases, ceilings, kernels and peers. No bytes: the smallest one.
MadeRun MakeRun(FuzzedDataProvider& bytes);

// Plants up to eight faults: odd numbers, names, units and texts, rows and keys that are missing or come twice.
void Distort(FuzzedDataProvider& bytes, MadeRun& run);

// All times times a factor.
void ScaleTimes(MadeRun& run, double factor);

// Text that somebody could take for markup, a command or a formula.
std::string MakeText(FuzzedDataProvider& bytes);

std::string ToJson(const MadeRun& run);

// One or two files of an input: what begins with '{' is JSON, two files separated by a line of ---; anything else makes
// them.
std::vector<std::string> MakeFiles(const std::uint8_t* bytes, std::size_t size);

// The two JSON texts of an input that begins with '{'.
std::vector<std::string> SplitFiles(std::string_view text);

}  // namespace tbench
