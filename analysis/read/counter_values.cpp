#include "analysis/read/counter_values.h"

#include <algorithm>

namespace tbench {

CounterValues::CounterValues(const std::map<std::string, double>& values) {
  if (values.empty()) return;
  Names names;
  names.reserve(values.size());
  values_.reserve(values.size());
  for (const auto& [name, value] : values) {
    names.push_back(name);
    values_.push_back(value);
  }
  names_ = std::make_shared<const Names>(std::move(names));
}

CounterValues::CounterValues(std::initializer_list<std::pair<const std::string, double>> values)
    : CounterValues(std::map<std::string, double>(values)) {}

CounterValues::const_iterator CounterValues::find(std::string_view name) const {
  const std::size_t place = PlaceOf(name);
  return place < size() && names()[place] == name ? const_iterator(this, place) : end();
}

double& CounterValues::operator[](std::string_view name) {
  const std::size_t place = PlaceOf(name);
  if (place == size() || names()[place] != name) {
    Names longer = names();
    longer.emplace(longer.begin() + std::ptrdiff_t(place), name);
    names_ = std::make_shared<const Names>(std::move(longer));
    values_.insert(values_.begin() + std::ptrdiff_t(place), 0.0);
  }
  return values_[place];
}

void CounterValues::ShareNames(const CounterValues& other) {
  if (names() == other.names()) names_ = other.names_;
}

bool CounterValues::operator==(const CounterValues& other) const {
  return names() == other.names() && values_ == other.values_;
}

const CounterValues::Names& CounterValues::names() const {
  static const Names kNone;
  return names_ ? *names_ : kNone;
}

std::size_t CounterValues::PlaceOf(std::string_view name) const {
  return std::size_t(std::ranges::lower_bound(names(), name) - names().begin());
}

}  // namespace tbench
