#pragma once

#include <string_view>

// The parts of a benchmark's name: "FAMILY/KEY:VALUE/KEY:VALUE", and what Google Benchmark appends.
namespace tbench {

// The element before the first '/', which is removed from `rest` together with that '/'.
std::string_view TakeElement(std::string_view& rest);

// The value of the next element. InputError, telling the whole `name`, unless that is "KEY:VALUE".
std::string_view TakeValue(std::string_view name, std::string_view key, std::string_view& rest);

// InputError if `rest` holds more than what Google Benchmark appends: "iterations:1/repeats:10/manual_time".
void RequireLibrarySuffix(std::string_view name, std::string_view rest);

}  // namespace tbench
