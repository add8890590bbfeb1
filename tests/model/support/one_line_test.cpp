#include "model/support/one_line.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(OneLine, KeepsTheBytesOfOrdinaryText) {
  for (const char* text : {"", "NVIDIA H100 80GB HBM3", "3.5 µs × 2, “quoted” é", "std::bad_alloc", "a #1 [x]"}) {
    EXPECT_EQ(OneLine(text), text);
  }
}

TEST(OneLine, HasNoControlCharacters) {
  EXPECT_EQ(OneLine("a\nb\r\tc"), "a b  c");
  EXPECT_EQ(OneLine("\x1b[2J\x07\x7f"), " [2J  ");
  EXPECT_EQ(OneLine(std::string_view("a\0b", 3)), "a b");
  EXPECT_EQ(OneLine("a\u0085b\u009b2J"), "a b 2J") << "of two bytes";
}

TEST(OneLine, BeginsNoCommandOfALog) {
  EXPECT_EQ(OneLine("x\n::stop-commands::t"), "x : :stop-commands::t");
  EXPECT_EQ(OneLine("::error::forged"), ": :error::forged");
  EXPECT_EQ(OneLine("##[group]"), "# #[group]");
}

}  // namespace
}  // namespace tbench
