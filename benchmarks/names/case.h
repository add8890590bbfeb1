#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/spec/work.h"

namespace tbench {

enum class Kernels { kComposed, kFused };
enum class Launch { kEager, kGraph };

// One point of the grid. The numbers behind the model's name are in a ModelTable.
struct Case {
  std::string model;
  std::int64_t context = 0;
  Pass pass = Pass::kForward;
  Precision precision = Precision::kFp32;
  Attention attention = Attention::kNaive;
  Kernels kernels = Kernels::kComposed;
  Launch launch = Launch::kEager;
  std::int64_t batch = 4;
  std::int64_t warmups = 0;

  bool operator==(const Case&) const = default;
};

// What the case computes, of the model with these numbers.
StepSpec SpecOf(const Case& c, const ModelConfig& config);

// One axis of the grid: its key in a case's name, the flag that lists its values, and its value as text.
struct Axis {
  std::string_view key;
  std::string_view flag;
  std::string_view defaults;  // its values where neither a flag nor a preset says, separated by commas
  std::string (*print)(const Case&);
  // InputError, naming the axis and what it allows, for a value that it does not have.
  void (*parse)(std::string_view value, Case&);
  std::vector<std::string> values;  // all of them; empty for a name or a number
};

// Every axis, in the order of a case's name.
std::span<const Axis> Axes();

inline constexpr std::string_view kStepFamily = "transformer_step";

// "transformer_step/model:small/context:128/pass:forward/…/warmups:5": every axis, always.
std::string CaseName(const Case& c);

// The model and what tells the case from others of the grid: "small context:128 warmups:5".
std::string ShortName(const Case& c, const std::vector<Case>& grid);

// The inverse of CaseName. What Google Benchmark appends ("/iterations:1/repeats:10/manual_time") is accepted and
// dropped. InputError for another family, a missing, unknown or misplaced axis, or a value that its axis does not have.
Case ParseCaseName(std::string_view name);

// A case's name as a file name. Different for every case, and never too long for a file system.
std::string Slug(const Case& c);

// The name that Google Benchmark gives the rows of a benchmark, or a case, with that many repetitions.
std::string RowNameOf(const std::string& benchmark, std::int64_t repetitions);
std::string RowName(const Case& c, std::int64_t trials);

}  // namespace tbench
