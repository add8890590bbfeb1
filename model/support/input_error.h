#pragma once

#include <limits>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace tbench {

// What the user asked for cannot be had: a wrong name, number or flag. Every program prints it and exits with 2.
struct InputError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The candidate with the smallest edit distance to `word`; empty if none is near enough to be meant.
std::string NearestMatch(std::string_view word, const std::vector<std::string>& candidates);

// "unknown model 'smal', did you mean 'small'? Allowed: tiny, mini, …"
InputError UnknownValue(std::string_view what, std::string_view given, const std::vector<std::string>& allowed);

// "b" of "a,b,c" is one element; an empty element is an InputError that names `what`.
std::vector<std::string> SplitList(std::string_view what, std::string_view list, char separator = ',');

// A whole decimal number from `least` to `most`; anything else is an InputError that names `what`.
long long ParseInteger(std::string_view what, std::string_view text, long long least,
                       long long most = std::numeric_limits<long long>::max());

}  // namespace tbench
