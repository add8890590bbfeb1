#include "analysis/report/report_charts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/analysis/test_records.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// "# Time", ".", "table", "charts 2": a block each.
std::vector<std::string> Outline(const Document& document) {
  struct Name {
    std::string operator()(const Heading& heading) const {
      return std::string(std::size_t(heading.level), '#') + " " + heading.text;
    }
    std::string operator()(const Paragraph&) const { return "."; }
    std::string operator()(const BulletList&) const { return "list"; }
    std::string operator()(const Table&) const { return "table"; }
    std::string operator()(const ChartRow& row) const { return "charts " + std::to_string(row.charts.size()); }
  };
  std::vector<std::string> outline;
  for (const Block& block : document.blocks) outline.push_back(std::visit(Name{}, block));
  return outline;
}

Document WithSections() {
  return {{Heading{1, "Report"}, Heading{2, "Time"}, Paragraph{"What it means."}, Table{}, Heading{2, "Trials"},
           Heading{2, "Where the time goes"}, Paragraph{"x"}, Heading{3, "Phases"}, Table{}}};
}

TEST(AddCharts, PutsThemAfterTheWordsOfTheirSections) {
  Document document = WithSections();
  AddCharts(document, Judge(PublishedRecords(), {}));
  EXPECT_THAT(Outline(document), ElementsAre("# Report", "## Time", ".", "charts 2", "table", "## Trials", "charts 10",
                                             "## Where the time goes", ".", "### Phases", "charts 1", "table"));
}

TEST(AddCharts, OfNoCasesAddsNothing) {
  Document document = WithSections();
  AddCharts(document, {});
  EXPECT_EQ(Outline(document), Outline(WithSections()));
}

TEST(AddCharts, NamesChartsOfOneSlugApart) {
  std::vector<Record> records;
  for (const char* model : {"mine", "Mine"}) {
    Record record = TestRecord({.model = "small", .context = 128}, {10});
    record.c.model = model;
    records.push_back(record);
  }
  Document document{{Heading{2, "Trials"}}};
  AddCharts(document, Judge(records, {}));
  std::set<std::string> names;
  for (const Chart& chart : std::get<ChartRow>(document.blocks.at(1)).charts) names.insert(chart.name);
  EXPECT_THAT(names, ElementsAre("trials-mine-forward", "trials-mine-forward-2"));
}

TEST(AddCharts, DrawsEach) {
  Document document{{Heading{2, "Time"}}};
  AddCharts(document, Judge({TestRecord({.model = "small", .context = 128}, {10})}, {}));
  const Chart chart = std::get<ChartRow>(document.blocks.at(1)).charts.at(0);
  EXPECT_EQ(chart.name, "time-forward");
  EXPECT_THAT(chart.svg, HasSubstr("<desc>" + chart.alt + "</desc>"));
}

}  // namespace
}  // namespace tbench
