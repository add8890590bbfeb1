#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "model/spec/named_rows.h"
#include "model/support/input_error.h"

// The names of benchmarks: "FAMILY/KEY:VALUE/KEY:VALUE", and what Google Benchmark appends. Each family has a table of
// axes, one for each "KEY:VALUE".
namespace tbench {

// What an axis's values are, and so how they are ordered: by their letters, by size, or as their table lists them.
enum class AxisKind { kName, kNumber, kChoice };

// One "KEY:VALUE" in the names of a family whose benchmarks are T.
template <class T>
struct NameAxis {
  std::string_view key;
  // The value that a name without it means: an axis that came later is printed only where its value is another, so that
  // names keep their bytes for ever. Empty: it is always in the name.
  std::string_view absent;
  AxisKind kind = AxisKind::kName;
  std::string (*print)(const T&) = nullptr;
  // InputError, naming the key and what it allows, for a value that the axis does not have.
  void (*parse)(std::string_view key, std::string_view value, T&) = nullptr;

  bool is_later() const { return !absent.empty(); }
  void Set(std::string_view value, T& target) const { parse(key, value, target); }
};

template <class Member>
struct MemberOf;
template <class T, class Value>
struct MemberOf<Value T::*> {
  using Class = T;
};
template <auto kMember>
using BenchmarkOf = typename MemberOf<decltype(kMember)>::Class;

// An axis of a string, of a number from kLeast to kMost, or of a choice with a row in kTable for each value.
template <auto kMember>
constexpr NameAxis<BenchmarkOf<kMember>> StringAxis(std::string_view key, std::string_view absent = {}) {
  using T = BenchmarkOf<kMember>;
  return {.key = key,
          .absent = absent,
          .kind = AxisKind::kName,
          .print = [](const T& target) { return target.*kMember; },
          .parse = [](std::string_view, std::string_view value, T& target) { target.*kMember = value; }};
}

template <auto kMember, std::int64_t kLeast = 1, std::int64_t kMost = std::numeric_limits<std::int64_t>::max()>
constexpr NameAxis<BenchmarkOf<kMember>> NumberAxis(std::string_view key, std::string_view absent = {}) {
  using T = BenchmarkOf<kMember>;
  return {.key = key,
          .absent = absent,
          .kind = AxisKind::kNumber,
          .print = [](const T& target) { return std::to_string(target.*kMember); },
          .parse = [](std::string_view name, std::string_view value,
                      T& target) { target.*kMember = ParseInteger(name, value, kLeast, kMost); }};
}

template <auto kMember, const auto& kTable>
constexpr NameAxis<BenchmarkOf<kMember>> ChoiceAxis(std::string_view key, std::string_view absent = {}) {
  using T = BenchmarkOf<kMember>;
  return {.key = key,
          .absent = absent,
          .kind = AxisKind::kChoice,
          .print = [](const T& target) { return std::string(RowOf(kTable, target.*kMember).name); },
          .parse = [](std::string_view name, std::string_view value,
                      T& target) { target.*kMember = ParseName(kTable, name, value); }};
}

// The element before the first '/', which is removed from `rest` together with that '/'.
std::string_view TakeElement(std::string_view& rest);

// Whether the next element is "KEY:…".
bool IsNext(std::string_view key, std::string_view rest);

// The value of the next element. InputError, telling the whole `name`, unless that is "KEY:VALUE".
std::string_view TakeValue(std::string_view name, std::string_view key, std::string_view& rest);

// InputError if `rest` holds more than what Google Benchmark appends: "iterations:1/repeats:10/manual_time".
void RequireLibrarySuffix(std::string_view name, std::string_view rest);

// "/KEY:VALUE/KEY:VALUE": the axes in their order, later ones only where their value is not the absent one.
template <class Axes, class T>
std::string PrintAxes(const Axes& axes, const T& target) {
  std::string text;
  for (const auto& axis : axes) {
    const std::string value = axis.print(target);
    if (value != axis.absent) text.append("/").append(axis.key).append(":").append(value);
  }
  return text;
}

// The inverse: takes the axes from `rest`, what is left of `name`.
template <class Axes, class T>
void TakeAxes(std::string_view name, const Axes& axes, std::string_view& rest, T& target) {
  for (const auto& axis : axes) {
    const bool is_absent = axis.is_later() && !IsNext(axis.key, rest);
    axis.Set(is_absent ? axis.absent : TakeValue(name, axis.key, rest), target);
  }
}

}  // namespace tbench
