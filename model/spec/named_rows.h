#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "model/support/input_error.h"

// Tables of a choice's values: one row a value, with its `id`, its `name` and what else the program knows of it.
namespace tbench {

// Whether the rows stand in the order of their ids, so that RowOf can index: for a static_assert beside each table.
template <class Table>
constexpr bool AreInOrder(const Table& table) {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (std::size_t(table[i].id) != i) return false;
  }
  return true;
}

// std::out_of_range for an id without a row.
template <class Table, class Id>
constexpr const auto& RowOf(const Table& table, Id id) {
  return table.at(std::size_t(id));
}

template <class Table>
std::vector<std::string> Names(const Table& table) {
  std::vector<std::string> names;
  for (const auto& row : table) names.emplace_back(row.name);
  return names;
}

// The inverse of a row's name. InputError, naming `what` and the names that there are, for another one.
template <class Table>
auto ParseName(const Table& table, std::string_view what, std::string_view name) {
  const auto found = std::ranges::find(table, name, [](const auto& row) { return row.name; });
  if (found == table.end()) throw UnknownValue(what, name, Names(table));
  return found->id;
}

}  // namespace tbench
