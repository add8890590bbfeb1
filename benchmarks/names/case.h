#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "benchmarks/names/name_elements.h"
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

// One axis of the grid: what it is called in a case's name, and the flag that lists its values.
struct Axis : NameAxis<Case> {
  std::string_view flag;
  std::string_view defaults;        // its values where neither a flag nor a preset says, separated by commas
  std::vector<std::string> values;  // of a choice: all of them, in their order
};

// Every axis, in the order of a case's name.
std::span<const Axis> Axes();

// std::out_of_range if there is none of that key.
const Axis& AxisOf(std::string_view key);

// What to sort by, and to tell values apart by: a number, a choice's place among its values, or a name.
using AxisValue = std::variant<std::int64_t, std::string>;
AxisValue ValueOf(const Axis& axis, const Case& c);

// For people: a number with its key, "batch 8"; another value alone, "train_step".
std::string ValueInWords(const Axis& axis, const Case& c);

inline constexpr std::string_view kStepFamily = "transformer_step";

// "transformer_step/model:small/context:128/pass:forward/…/warmups:5".
std::string CaseName(const Case& c);

// The model and what tells the case from others of the grid: "small context:128 warmups:5".
std::string ShortName(const Case& c, const std::vector<Case>& grid);
// The same for many cases of one grid: the axes whose values differ in it, found once.
std::vector<Axis> VaryingAxes(const std::vector<Case>& grid);
std::string ShortName(const Case& c, const std::vector<Axis>& varying);

// The inverse of CaseName. What Google Benchmark appends ("/iterations:1/repeats:10/manual_time") is accepted and
// dropped, and a later axis may be spelled out where it has its absent value. InputError for another family, a missing,
// unknown or misplaced axis, or a value that its axis does not have.
Case ParseCaseName(std::string_view name);

// A case's name as a file name. Different for every case, and never too long for a file system.
std::string Slug(const Case& c);

// The name that Google Benchmark gives the rows of a benchmark, or a case, with that many repetitions.
std::string RowNameOf(const std::string& benchmark, std::int64_t repetitions);
std::string RowName(const Case& c, std::int64_t trials);

}  // namespace tbench
