#include "analysis/tables/document_markdown.h"

#include <gtest/gtest.h>

namespace tbench {
namespace {

TEST(DocumentMarkdown, HasEveryKindOfBlock) {
  const Document document{
      {Heading{1, "A title"}, Paragraph{"Plain, `code` and **strong**."}, BulletList{{"one", "two"}},
       Table{.columns = {{"name", Align::kLeft}, {"ms", Align::kDecimal}}, .rows = {{"a|b", "1.5"}}},
       ChartRow{{Chart{.name = "time", .alt = "Time against context", .svg = ""},
                 Chart{.name = "trials", .alt = "Every trial", .svg = ""}}}}};
  EXPECT_EQ(ToMarkdown(document), R"(# A title

Plain, `code` and **strong**.

* one
* two

| name   |   ms |
|:-------|-----:|
| a\|b   |  1.5 |

![Time against context](charts/time.svg)
![Every trial](charts/trials.svg)
)");
}

TEST(DocumentMarkdown, EscapesWhatIsNoMarkup) {
  const auto text = [](const std::string& plain) { return ToMarkdown(Document{{Paragraph{plain}}}); };
  EXPECT_EQ(text("a < b, 2 * 3 * 4, [x](y), ~1~, c:\\d"), "a \\< b, 2 \\* 3 \\* 4, \\[x\\](y), \\~1\\~, c:\\\\d\n");
  EXPECT_EQ(text("`a < b * c`"), "`a < b * c`\n");
  EXPECT_EQ(text("two\nlines"), "two lines\n");
  EXPECT_EQ(text("@team, https://a.b, www.a.b, ::error::"), "\\@team, https\\://a.b, www\\.a.b, : :error::\n");
  EXPECT_EQ(ToMarkdown(Document{{ChartRow{{Chart{.name = "a", .alt = "](x) <b>", .svg = ""}}}}}),
            "![\\](x) \\<b>](charts/a.svg)\n");
  EXPECT_EQ(ToMarkdown(Document{{Table{.columns = {{"m", Align::kLeft}}, .rows = {{"<b>"}}}}}),
            "| m    |\n|:-----|\n| \\<b> |\n");
}

TEST(DocumentMarkdown, EndsCodeWhereMarkdownDoes) {
  const auto text = [](const std::string& plain) { return ToMarkdown(Document{{Paragraph{plain}}}); };
  EXPECT_EQ(text("a ` <img> b"), "a \\` \\<img> b\n") << "an unmatched backtick begins no code";
  EXPECT_EQ(text("``a ` <b>`` <c>"), "``a ` <b>`` \\<c>\n") << "two backticks end with two";
}

TEST(DocumentMarkdown, OfNothingIsNothing) { EXPECT_EQ(ToMarkdown(Document{}), ""); }

}  // namespace
}  // namespace tbench
