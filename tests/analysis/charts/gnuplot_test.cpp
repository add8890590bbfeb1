#include "analysis/charts/gnuplot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "analysis/charts/charts.h"
#include "analysis/charts/theme.h"
#include "model/support/atomic_file.h"
#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const Chart kLine{
    .name = "a-line",
    .title = "A <line> & more",
    .alt = "It \"rises\".",
    .script = "set label 'x < y' at graph 0.5,0.5\nplot '-' with lines linecolor rgb '#0064a8'\n1 1\n2 2\ne\n"};

class Gnuplot : public testing::Test {
 protected:
  void SetUp() override {
    if (!DrawChart(kLine)) GTEST_SKIP() << "gnuplot is not installed";
  }
};

std::string ErrorOf(const Chart& chart, const GnuplotOptions& options = {}) {
  try {
    DrawChart(chart, options);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(Gnuplot, DrawsAnImageWithATitleADescriptionAndTwoThemes) {
  const std::string svg = DrawChart(kLine).value();
  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 400 280\""));
  EXPECT_THAT(svg, HasSubstr("role=\"img\""));
  EXPECT_THAT(svg, HasSubstr("<title>A &lt;line&gt; &amp; more</title>\n<desc>It &quot;rises&quot;.</desc>"));
  EXPECT_THAT(svg, HasSubstr("@media screen and (prefers-color-scheme:dark){"));
  EXPECT_THAT(svg, AllOf(HasSubstr("stroke=\"#0064a8\""), HasSubstr(".cs5{stroke:#5db2ee}")));
  EXPECT_THAT(svg, HasSubstr("x &lt; y</text>"));
}

TEST_F(Gnuplot, LeavesNothingOfItselfThatDiffersOrCollides) {
  const std::string svg = DrawChart(kLine).value();
  for (const char* foreign :
       {" id=", "id='", "GNUPLOT", "gnuplot", "Gnuplot", "xlink", "<defs", "currentColor", "rgb("}) {
    EXPECT_THAT(svg, Not(HasSubstr(foreign)));
  }
  EXPECT_EQ(svg, DrawChart(kLine).value());
}

TEST_F(Gnuplot, DrawsEveryChartOfThePublishedRunWithoutAForeignColour) {
  const auto cases =
      Judge(PublishedRecords(), {Machine{.is_gpu = true, .gpu = GpuPeaks{.name = "GPU", .fp32_flops = 67e12}}});
  for (const auto charts : {TimeCharts, WarmUpCharts, TrialCharts, UtilisationCharts, PhaseCharts}) {
    for (const Chart& chart : charts(cases)) {
      std::string svg = DrawChart(chart).value();
      EXPECT_THAT(svg, Not(HasSubstr("<use"))) << chart.name << ": a point type without a shape";
      for (std::size_t at = 0; (at = svg.find("=\"#", at)) != std::string::npos; ++at) {
        const std::string color = svg.substr(at + 2, 7);
        EXPECT_NE(std::ranges::find(Inks(), color, &InkColors::light), Inks().end()) << chart.name << ": " << color;
      }
    }
  }
}

TEST_F(Gnuplot, TellsItsOwnWordsAboutABadScript) {
  Chart bad = kLine;
  bad.script = "plot nonsense(\n";
  EXPECT_THAT(ErrorOf(bad), AllOf(HasSubstr("chart 'a-line': gnuplot failed: "), HasSubstr("plot nonsense(")));
}

TEST_F(Gnuplot, TellsThatAScriptDrewNothing) {
  Chart empty = kLine;
  empty.script = "set title 'x'\n";
  EXPECT_THAT(ErrorOf(empty), HasSubstr("chart 'a-line': gnuplot drew nothing"));
}

TEST_F(Gnuplot, IsEndedAtTheTimeLimit) {
  Chart slow = kLine;
  slow.script = "pause 60\n" + kLine.script;
  EXPECT_THAT(ErrorOf(slow, {.time_limit = std::chrono::milliseconds(200)}), HasSubstr("took longer than 200 ms"));
}

TEST_F(Gnuplot, IgnoresTheUsersOwnSettings) {
  const std::filesystem::path home = testing::TempDir() + "gnuplot_test." + std::to_string(getpid());
  std::filesystem::create_directories(home);
  WriteWholeFile(home / ".gnuplot", "set title 'from the start-up file'\n");
  const std::string old = getenv("HOME") == nullptr ? "" : getenv("HOME");
  setenv("HOME", home.c_str(), 1);
  const std::string svg = DrawChart(kLine).value();
  setenv("HOME", old.c_str(), 1);
  std::filesystem::remove_all(home);
  EXPECT_THAT(svg, Not(HasSubstr("start-up")));
}

TEST(GnuplotProgram, ThatDoesNotExistIsNoError) {
  EXPECT_EQ(DrawChart(kLine, {.program = "no-such-gnuplot"}), std::nullopt);
}

TEST(GnuplotProgram, ThatFailsIsNamed) {
  EXPECT_THAT(ErrorOf(kLine, {.program = "false"}), HasSubstr("chart 'a-line': false failed: "));
}

// More than a pipe holds.
TEST(GnuplotProgram, MayPrintMuch) {
  const std::filesystem::path program = testing::TempDir() + "talkative." + std::to_string(getpid());
  WriteWholeFile(program, "#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' e >&2\nexit 3\n");
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  EXPECT_EQ(ErrorOf(kLine, {.program = program.string()}).size(),
            300'000 + ("chart 'a-line': " + program.string() + " failed: ").size());
  std::filesystem::remove(program);
}

}  // namespace
}  // namespace tbench
