#pragma once

#include <string>
#include <string_view>
#include <vector>

// What makes Google Benchmark's JSON readable where a JSON parser gives up on it.
namespace tbench {

// The text with every NaN and Infinity outside of strings replaced by null: the library writes them bare.
std::string WithoutBareNumbers(std::string_view text);

// The object after the key, balanced; empty if it is not there or cut off.
std::string_view ObjectAfterKey(std::string_view text, std::string_view key);

// The complete objects of the array after the key, even if the array itself is cut off.
std::vector<std::string_view> ObjectsOfArray(std::string_view text, std::string_view key);

}  // namespace tbench
