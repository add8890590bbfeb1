#include "model/support/utf8.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(ValidUtf8, KeepsWhatIsWellFormed) {
  for (const char* text : {"", "plain", "é µ", "€ \uFFFD \uD7FF\uE000", "\U00010000\U0010FFFF"}) {
    EXPECT_EQ(ValidUtf8(text), text);
    EXPECT_EQ(FindInvalidUtf8(text), std::string_view::npos);
  }
  EXPECT_EQ(ValidUtf8(std::string_view("a\0b", 3)), std::string_view("a\0b", 3));
}

TEST(ValidUtf8, ReplacesEachByteThatBelongsToNoSequence) {
  EXPECT_EQ(ValidUtf8("J\xf6rg"), "J\uFFFDrg");
  EXPECT_EQ(ValidUtf8("\x80"), "\uFFFD") << "a continuation alone";
  EXPECT_EQ(ValidUtf8("\xe2\x82"), "\uFFFD\uFFFD") << "cut off";
  EXPECT_EQ(ValidUtf8("\xe2\x82z"), "\uFFFD\uFFFDz");
  EXPECT_EQ(ValidUtf8("\xe2\x82\xc3\xa9"), "\uFFFD\uFFFD\u00E9") << "another begins";
  EXPECT_EQ(ValidUtf8("\xc0\xaf"), "\uFFFD\uFFFD") << "longer than need be";
  EXPECT_EQ(ValidUtf8("\xe0\x9f\xbf"), "\uFFFD\uFFFD\uFFFD") << "longer than need be";
  EXPECT_EQ(ValidUtf8("\xf0\x8f\xbf\xbf"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "longer than need be";
  EXPECT_EQ(ValidUtf8("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD") << "a surrogate";
  EXPECT_EQ(ValidUtf8("\xf4\x90\x80\x80"), "\uFFFD\uFFFD\uFFFD\uFFFD") << "beyond U+10FFFF";
  EXPECT_EQ(ValidUtf8("\xff"), "\uFFFD");
}

TEST(FindInvalidUtf8, TellsWhere) {
  EXPECT_EQ(FindInvalidUtf8("é\xf6\xf6"), 2);
  EXPECT_EQ(FindInvalidUtf8("é\xf6\xf6", 3), 3);
}

}  // namespace
}  // namespace tbench
