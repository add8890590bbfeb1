#include "analysis/tables/markdown.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

const std::vector<Table::Column> kModelAndMean{{"model_size", Align::kLeft}, {"mean_time_ms", Align::kDecimal}};

TEST(Markdown, AlignsTextLeftAndNumbersOnTheirDecimalPoint) {
  const Table table{kModelAndMean, {{"small", "37.73"}, {"medium", "73.7"}, {"large", "113"}}};
  EXPECT_EQ(ToMarkdown(table), R"(| model_size   |   mean_time_ms |
|:-------------|---------------:|
| small        |          37.73 |
| medium       |          73.7  |
| large        |         113    |
)");
}

TEST(Markdown, PutsNanWhereAnIntegerStands) {
  EXPECT_EQ(ToMarkdown({{{"a", Align::kDecimal}}, {{"1.25"}, {"nan"}, {"3"}}}), R"(|      a |
|-------:|
|   1.25 |
| nan    |
|   3    |
)");
}

TEST(Markdown, RightAlignsAReasonWithoutPaddingItAsANumber) {
  const Table table{kModelAndMean, {{"small", "37.73"}, {"xl", "out_of_memory"}, {"2.7B", "crashed"}, {"tiny", ""}}};
  EXPECT_EQ(ToMarkdown(table), R"(| model_size   |   mean_time_ms |
|:-------------|---------------:|
| small        |          37.73 |
| xl           |  out_of_memory |
| 2.7B         |        crashed |
| tiny         |                |
)");
}

TEST(Markdown, MakesAColumnAsWideAsItsWidestCell) {
  EXPECT_EQ(ToMarkdown({{{"", Align::kLeft}, {"n", Align::kDecimal}}, {{"count", "1234567"}, {"max", "1.5"}}}),
            R"(|       |         n |
|:------|----------:|
| count | 1234567   |
| max   |       1.5 |
)");
}

TEST(Markdown, OfNoRowsIsAHeader) {
  EXPECT_EQ(ToMarkdown({kModelAndMean, {}}), R"(| model_size   |   mean_time_ms |
|:-------------|---------------:|
)");
}

TEST(Markdown, EscapesWhatWouldEndACellOrALine) {
  EXPECT_EQ(ToMarkdown({{{"a", Align::kLeft}}, {{"x|y\nz"}}}), R"(| a      |
|:-------|
| x\|y z |
)");
}

TEST(Markdown, CountsCharactersAndNotBytes) {
  EXPECT_EQ(ToMarkdown({{{"µs", Align::kLeft}, {"b", Align::kLeft}}, {{"größer", "c"}}}), R"(| µs     | b   |
|:-------|:----|
| größer | c   |
)");
}

TEST(IsNumber, TakesOnlyWholeDecimalsAndNan) {
  for (const char* number : {"0", "-1", "38", "105.1", "12345.68", "nan"}) EXPECT_TRUE(IsNumber(number)) << number;
  for (const char* text : {"", " 1", "1 ", "2.7B", "True", "out_of_memory", "1,5", "nano"}) {
    EXPECT_FALSE(IsNumber(text)) << text;
  }
}

}  // namespace
}  // namespace tbench
