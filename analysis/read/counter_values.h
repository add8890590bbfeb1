#pragma once

#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tbench {

// The counters of a trial: a value by name, in the order of the names. As std::map<std::string, double>, but the names
// are kept once for all rows that ShareNames, as those of one case can: a long run has hundreds of thousands.
class CounterValues {
 public:
  using Names = std::vector<std::string>;
  using value_type = std::pair<std::string, double>;

  class const_iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = CounterValues::value_type;
    using difference_type = std::ptrdiff_t;
    using reference = std::pair<const std::string&, double>;
    struct pointer {
      reference entry;
      const reference* operator->() const { return &entry; }
    };

    const_iterator() = default;
    const_iterator(const CounterValues* of, std::size_t index) : of_(of), index_(index) {}
    reference operator*() const { return {(*of_->names_)[index_], of_->values_[index_]}; }
    pointer operator->() const { return {**this}; }
    const_iterator& operator++() {
      ++index_;
      return *this;
    }
    const_iterator operator++(int) {
      const const_iterator before = *this;
      ++index_;
      return before;
    }
    bool operator==(const const_iterator&) const = default;

   private:
    const CounterValues* of_ = nullptr;
    std::size_t index_ = 0;
  };
  using iterator = const_iterator;

  CounterValues() = default;
  CounterValues(const std::map<std::string, double>& values);  // NOLINT(google-explicit-constructor): it is one
  CounterValues(std::initializer_list<std::pair<const std::string, double>> values);

  bool empty() const { return values_.empty(); }
  std::size_t size() const { return values_.size(); }
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, values_.size()}; }
  const_iterator find(std::string_view name) const;
  bool contains(std::string_view name) const { return find(name) != end(); }
  // 0 where there was none of that name.
  double& operator[](std::string_view name);
  void clear() { *this = {}; }

  // Uses the names of `other` where they are equal to these.
  void ShareNames(const CounterValues& other);

  bool operator==(const CounterValues& other) const;

 private:
  const Names& names() const;
  std::size_t PlaceOf(std::string_view name) const;  // of the first name that is not before it

  std::shared_ptr<const Names> names_;  // sorted; null: none
  std::vector<double> values_;          // of the names, in their order
};

}  // namespace tbench
