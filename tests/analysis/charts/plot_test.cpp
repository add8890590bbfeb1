#include "analysis/charts/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace tbench {
namespace {

using testing::ElementsAre;

std::vector<std::string> Texts(const std::vector<Tick>& ticks) {
  std::vector<std::string> texts;
  for (const Tick& tick : ticks) texts.push_back(tick.text);
  return texts;
}

Plot OneLine() {
  return {.title = "A title",
          .x = {.low = 0, .high = 10, .ticks = {{0, "0"}, {10, "10"}}, .title = "trial"},
          .y = {.low = 1, .high = 100, .log = true, .ticks = LogTicks(1, 100), .title = "ms"},
          .series = {{.ink = Ink::kBlue, .points = {{0, 1}, {10, 37.25}}, .line_width = 2}}};
}

TEST(LinearTicks, AreRoundNumbersWithinTheRange) {
  EXPECT_THAT(Texts(LinearTicks(0, 100, 5)), ElementsAre("0", "20", "40", "60", "80", "100"));
  EXPECT_THAT(Texts(LinearTicks(1, 10, 10)), ElementsAre("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
  EXPECT_THAT(Texts(LinearTicks(0.97, 1.31, 5)), ElementsAre("1", "1.1", "1.2", "1.3"));
  EXPECT_THAT(Texts(LinearTicks(-1, 1, 4)), ElementsAre("-1", "-0.5", "0", "0.5", "1"));
}

TEST(LogTicks, AreOneTwoFiveOrPowersWhereThatIsTooMany) {
  EXPECT_THAT(Texts(LogTicks(0.4, 60)), ElementsAre("0.5", "1", "2", "5", "10", "20", "50"));
  EXPECT_THAT(Texts(LogTicks(1, 100'000)), ElementsAre("1", "10", "100", "1000", "10000", "100000"));
}

TEST(LogTicks, AreLinearWhereTheRangeHoldsHardlyAny) {
  EXPECT_THAT(Texts(LogTicks(110, 190)), ElementsAre("120", "140", "160", "180"));
}

TEST(Shortened, KeepsBothEndsAndCountsCharacters) {
  EXPECT_EQ(Shortened("small", 5), "small");
  EXPECT_EQ(Shortened("a-long-name-7", 7), "a-l…e-7");
  EXPECT_EQ(Shortened("größer", 6), "größer");
  EXPECT_EQ(Shortened("ößügröß", 4), "öß…ß");
}

TEST(Plot, PlacesCoordinatesInPixels) {
  const Plot plot = OneLine();
  EXPECT_DOUBLE_EQ(PixelX(plot, 10), plot.width - plot.right);
  EXPECT_DOUBLE_EQ(PixelX(plot, 5), (PixelX(plot, 0) + PixelX(plot, 10)) / 2);
  EXPECT_DOUBLE_EQ(PixelY(plot, 1) - PixelY(plot, 100), plot.plot_height);
  EXPECT_DOUBLE_EQ(PixelY(plot, 10), (PixelY(plot, 1) + PixelY(plot, 100)) / 2) << "half way on a logarithmic axis";
}

TEST(Plot, GrowsByEachLineOfItsLegend) {
  Plot plot = OneLine();
  const int without = PlotHeight(plot);
  plot.legend = {{"small", Ink::kBlue, Mark::kCircle}, {"large", Ink::kGreen, Mark::kSquare}};
  const int one_line = PlotHeight(plot);
  EXPECT_GT(one_line, without);
  plot.legend.push_back({std::string(60, 'n'), Ink::kPink, Mark::kDiamond});
  EXPECT_EQ(PlotHeight(plot) - one_line, one_line - without);
}

TEST(Plot, BreaksATitleThatIsTooLong) {
  Plot plot = OneLine();
  const int one_line = PlotHeight(plot);
  plot.title = "Time of a step: forward_backward, fp32x3, sdpa, fused, graph, batch 16";
  EXPECT_GT(PlotHeight(plot), one_line);
  const std::vector<PlacedText> texts = TextsOf(plot);
  EXPECT_EQ(texts.at(0).text, "Time of a step: forward_backward, fp32x3, sdpa,");
  EXPECT_EQ(texts.at(1).text, "fused, graph, batch 16");
  EXPECT_GT(texts[1].y, texts[0].y);
  EXPECT_TRUE(texts[0].title && texts[1].title);
}

TEST(Plot, PlacesTextsByTheirPixelsAndLeavesOutEmptyOnes) {
  Plot plot = OneLine();
  plot.labels = {{.x = 10, .y = 100, .text = "end", .ink = Ink::kBlue, .dx = 9, .dy = -2}, {.text = ""}};
  const std::vector<PlacedText> texts = TextsOf(plot);
  const auto end = std::ranges::find(texts, "end", &PlacedText::text);
  ASSERT_NE(end, texts.end());
  EXPECT_DOUBLE_EQ(end->x, PixelX(plot, 10) + 9);
  EXPECT_DOUBLE_EQ(end->y, PixelY(plot, 100) - 2);
  EXPECT_EQ(std::ranges::find(texts, "", &PlacedText::text), texts.end());
}

}  // namespace
}  // namespace tbench
