#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tbench {

// Position of the first byte, from `from` on, that belongs to no well-formed UTF-8 sequence (Unicode, table 3-7);
// npos if there is none.
std::size_t FindInvalidUtf8(std::string_view text, std::size_t from = 0);

// The text with each such byte replaced by U+FFFD. JSON is UTF-8, and names of machines, paths, variables and errors of
// the system may be anything.
std::string ValidUtf8(std::string_view text);

}  // namespace tbench
