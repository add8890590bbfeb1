#pragma once

#include <ostream>
#include <string>

namespace tbench {

// What a program or a parser refuses, and a part of the message that says why.
struct BadInput {
  const char* name;  // of the test
  std::string text;
  const char* message;
};

inline void PrintTo(const BadInput& bad, std::ostream* out) { *out << bad.text; }

}  // namespace tbench
