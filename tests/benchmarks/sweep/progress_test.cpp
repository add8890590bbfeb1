#include "benchmarks/sweep/progress.h"

#include <gtest/gtest.h>

#include <set>

#include "benchmarks/names/grid.h"
#include "benchmarks/sweep/bench_program.h"
#include "benchmarks/sweep/run_directory.h"

namespace tbench {
namespace {

const ProgressState kState{.number = 12,
                           .total = 60,
                           .running = "small context:128",
                           .elapsed = 83,
                           .left = 3729,
                           .last = "37.7 ms",
                           .failed = 1};

TEST(ProgressLine, SaysWhatMattersMostFirst) {
  EXPECT_EQ(ProgressLine(kState, 0), "12/60  1:23, 1:02:09 left, 1 failed  small context:128  (before: 37.7 ms)");
  EXPECT_EQ(ProgressLine({.number = 1, .total = 2, .running = "tiny", .elapsed = 0, .left = {}, .last = {}}, 0),
            "1/2  0:00  tiny");
}

TEST(ProgressLine, IsNeverWiderThanTheTerminal) {
  for (std::size_t width = 1; width < 100; ++width) EXPECT_LE(ProgressLine(kState, width).size(), width);
  EXPECT_EQ(ProgressLine(kState, 12), "12/60  1:23,");
}

std::vector<Case> Grid(const std::string& preset) {
  return BuildGrid({.preset = preset, .own_models = {}, .axes = {}}, false).cases;
}

TEST(Slug, TellsEveryCaseFromEveryOtherAndNeedsNoQuoting) {
  std::set<std::string> slugs;
  for (const char* preset : {"published", "quick"}) {
    for (const Case& c : Grid(preset)) {
      const std::string slug = Slug(c);
      EXPECT_EQ(slug.find_first_of("/: '\"*$"), std::string::npos) << slug;
      EXPECT_TRUE(slugs.insert(slug).second) << slug;
    }
  }
}

TEST(Slug, FitsAFileNameForAnyModel) {
  Case c{.model = std::string(250, 'a'), .context = 1};
  const std::string slug = Slug(c);
  EXPECT_LE(slug.size(), 200);
  c.warmups = 1;
  EXPECT_NE(Slug(c), slug);
}

TEST(EscapeRegex, LeavesNoCharacterWithAMeaning) {
  EXPECT_EQ(EscapeRegex("model:2.7B/a-b_c"), "model:2\\.7B/a-b_c");
  EXPECT_EQ(EscapeRegex("(a|b)*"), "\\(a\\|b\\)\\*");
}

}  // namespace
}  // namespace tbench
