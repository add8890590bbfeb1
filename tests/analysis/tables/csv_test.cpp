#include "analysis/tables/csv.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(Csv, QuotesOnlyWhatNeedsIt) {
  const Table table{{{"model", Align::kLeft}, {"mean, ms", Align::kDecimal}, {"note", Align::kLeft}},
                    {{"small", "37.73", "plain text; with 'quotes'"}, {"a,b", "", "said \"no\"\nand left"}}};
  EXPECT_EQ(ToCsv(table),
            "model,\"mean, ms\",note\n"
            "small,37.73,plain text; with 'quotes'\n"
            "\"a,b\",,\"said \"\"no\"\"\nand left\"\n");
}

TEST(Csv, HoldsNoFormula) {
  const Table table{{{"model", Align::kLeft}}, {{"=cmd|' !A0"}, {"@SUM(1)"}, {"+a"}, {"-b"}, {"-1.5"}, {"+2"}}};
  EXPECT_EQ(ToCsv(table), "model\n'=cmd|' !A0\n'@SUM(1)\n'+a\n'-b\n-1.5\n'+2\n");
}

TEST(Csv, HoldsNoFormulaBehindASeparatorOfSpreadsheets) {
  const Table table{{{"model", Align::kLeft}}, {{"\t=1"}, {"\r=1"}, {"a\rb"}}};
  EXPECT_EQ(ToCsv(table), "model\n'\t=1\n\"'\r=1\"\n\"a\rb\"\n");
}

TEST(Csv, KeepsAColumnWithoutAHeader) {
  const Table table{{{"", Align::kLeft}, {"", Align::kLeft}, {"mean", Align::kDecimal}}, {{"count", "", "60"}}};
  EXPECT_EQ(ToCsv(table), ",,mean\ncount,,60\n");
}

}  // namespace
}  // namespace tbench
