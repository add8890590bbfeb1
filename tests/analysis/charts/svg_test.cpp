#include "analysis/charts/svg.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

#include "analysis/charts/charts.h"
#include "analysis/charts/theme.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Plot OnAGrid() {
  return {.name = "a-line",
          .title = "A <line> & more",
          .alt = "It \"rises\".",
          .x = {.low = 0, .high = 10, .ticks = {{5, "5"}}},
          .y = {.low = 0, .high = 10, .ticks = {{5, ""}}}};
}

std::size_t Count(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

std::string At(const Plot& plot, double x, double y) {
  return fmt::format("{:.1f},{:.1f}", PixelX(plot, x), PixelY(plot, y));
}

TEST(Svg, IsAnImageWithATitleADescriptionAndTwoThemes) {
  const std::string svg = ToSvg(OnAGrid());
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 380 "));
  EXPECT_THAT(svg, HasSubstr("role=\"img\""));
  EXPECT_THAT(svg, HasSubstr("<title>A &lt;line&gt; &amp; more</title>\n<desc>It &quot;rises&quot;.</desc>"));
  EXPECT_THAT(svg,
              AllOf(HasSubstr(".i1{color:#1f2328}"),
                    HasSubstr("@media screen and (prefers-color-scheme:dark){.i0{color:#161a20}.i1{color:#e6e9ee}")));
  EXPECT_THAT(svg, HasSubstr(">A &lt;line&gt; &amp; more</text>"));
  EXPECT_THAT(svg, Not(HasSubstr(".i5{"))) << "an ink that nothing has";
}

TEST(Svg, MayStandBesideOthersInAPage) {
  const std::string svg = ToSvg(OnAGrid());
  for (const char* foreign : {" id=", "xlink", "href", "<defs", "url(", "<script"}) {
    EXPECT_THAT(svg, Not(HasSubstr(foreign)));
  }
}

// A chart that held markup would run what a file of results says.
TEST(Svg, TakesNoMarkupFromAText) {
  Plot plot = OnAGrid();
  const std::string evil = "</text><script>alert('1')</script>\x01";
  plot.title = plot.alt = plot.x.title = plot.y.title = plot.x.ticks[0].text = plot.y.ticks[0].text = evil;
  plot.legend = {{evil, Ink::kBlue}};
  plot.labels = {{.text = evil}};
  const std::string svg = ToSvg(plot);
  EXPECT_THAT(svg, AllOf(Not(HasSubstr("<script")), Not(HasSubstr("\x01"))));
  EXPECT_GE(Count(svg, "&lt;/text&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;"), 8u);
}

TEST(Svg, DrawsALineAndAMarkAtEachPoint) {
  Plot plot = OnAGrid();
  plot.series = {
      {.ink = Ink::kBlue, .points = {{0, 0}, {10, 10}}, .line_width = 2, .mark = Mark::kDiamond, .mark_size = 5}};
  const std::string svg = ToSvg(plot);
  EXPECT_THAT(svg, HasSubstr(fmt::format("<path d=\"M{}L{}\" class=\"i5\" fill=\"none\" stroke=\"currentColor\" "
                                         "stroke-width=\"2\"",
                                         At(plot, 0, 0), At(plot, 10, 10))));
  EXPECT_THAT(svg, HasSubstr("class=\"i5\" fill=\"currentColor\"/>")) << "the marks, in one path";
  EXPECT_THAT(svg, HasSubstr(fmt::format("M{:.1f},{:.1f}L", PixelX(plot, 0), PixelY(plot, 0) - 7)));
}

TEST(Svg, OfOnePointHasAMarkAndNoLine) {
  Plot plot = OnAGrid();
  plot.series = {{.ink = Ink::kBlue, .points = {{5, 5}}, .line_width = 2, .mark_size = 3}};
  EXPECT_EQ(Count(ToSvg(plot), "class=\"i5\""), 1u);
}

TEST(Svg, HasDistinctMarks) {
  std::set<std::string> svgs;
  for (const Mark mark : {Mark::kSquare, Mark::kCircle, Mark::kTriangle, Mark::kTriangleDown, Mark::kDiamond}) {
    Plot plot = OnAGrid();
    plot.series = {{.points = {{5, 5}}, .mark = mark, .mark_size = 3}};
    svgs.insert(ToSvg(plot));
  }
  EXPECT_EQ(svgs.size(), 5u);
}

TEST(Svg, DrawsABoxFromCornerToCornerAndAFlatOneAsALine) {
  Plot plot = OnAGrid();
  plot.series = {{.ink = Ink::kBlue, .boxes = {{{0, 4}, {5, 6}}, {{5, 8}, {6, 8}}}}};
  const double left = PixelX(plot, 0), top = PixelY(plot, 6), width = PixelX(plot, 5) - left,
               height = PixelY(plot, 4) - top;
  EXPECT_THAT(ToSvg(plot), HasSubstr(fmt::format("M{:.1f},{:.1f}h{:.1f}v{:.1f}h-{:.1f}z", left + 1, top, width - 1,
                                                 height, width - 1)))
      << "a hair is left free";
  EXPECT_THAT(ToSvg(plot), HasSubstr("v1.5h"));
}

TEST(Svg, DrawsAGridOnlyWhereAsked) {
  Plot plot = OnAGrid();
  const auto lines = [&] { return Count(ToSvg(plot), "class=\"i3\""); };
  EXPECT_EQ(lines(), 2u);
  plot.x.grid = false;
  EXPECT_EQ(lines(), 1u);
}

TEST(Svg, DrawsRulesBehindTheSeriesOrInFront) {
  Plot plot = OnAGrid();
  plot.series = {{.ink = Ink::kBlue, .points = {{0, 0}, {10, 10}}, .line_width = 2}};
  plot.rules = {{.at = 2, .ink = Ink::kRed}, {.vertical = true, .at = 3, .ink = Ink::kTeal, .front = true}};
  const std::string svg = ToSvg(plot);
  EXPECT_LT(svg.find("class=\"i11\""), svg.find("class=\"i5\""));
  EXPECT_LT(svg.find("class=\"i5\""), svg.find("class=\"i12\""));
}

TEST(Svg, OfThePublishedRunHoldsNumbersAndInksAlone) {
  const auto cases =
      Judge(PublishedRecords(), {Machine{.is_gpu = true, .gpu = GpuPeaks{.name = "GPU", .fp32_flops = 67e12}}});
  for (const auto charts : {TimeCharts, WarmUpCharts, TrialCharts, UtilisationCharts, PhaseCharts}) {
    for (const Plot& chart : charts(cases)) {
      const std::string svg = ToSvg(chart);
      for (const char* bad : {"nan", "inf\"", "=\"#", "rgb("}) EXPECT_THAT(svg, Not(HasSubstr(bad))) << chart.name;
    }
  }
}

}  // namespace
}  // namespace tbench
