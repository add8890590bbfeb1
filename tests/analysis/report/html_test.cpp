#include "analysis/report/html.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tbench {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string Body(const Document& document) {
  const std::string html = ToHtml(document);
  const std::size_t begin = html.find("<main>\n") + 7;
  return html.substr(begin, html.find("</main>") - begin);
}

TEST(Html, IsOnePageThatFetchesNothing) {
  const std::string html = ToHtml({{Heading{1, "A report"}, Paragraph{"Words."}}});
  EXPECT_THAT(html, testing::StartsWith("<!DOCTYPE html>\n<html lang=\"en\">\n"));
  EXPECT_THAT(html, HasSubstr("<title>A report</title>"));
  EXPECT_THAT(html, HasSubstr("@media screen and (prefers-color-scheme:dark){:root{"));
  for (const char* fetch : {"<script", "http:", "https:", "url(", "@import", "src="})
    EXPECT_THAT(html, Not(HasSubstr(fetch)));
}

TEST(Html, PutsTheContentsBeforeTheFirstSection) {
  EXPECT_EQ(Body({{Heading{1, "A report"}, Heading{2, "What ran where"}, Paragraph{"A."}, Heading{3, "Part"},
                   Paragraph{"B."}, Heading{2, "Time"}, BulletList{{"one", "two"}}}}),
            R"(<h1>A report</h1>
<nav aria-label="Contents">
<ul>
<li><a href="#what-ran-where">What ran where</a></li>
<li><a href="#time">Time</a></li>
</ul>
</nav>
<section id="what-ran-where">
<h2>What ran where</h2>
<p>A.</p>
<h3>Part</h3>
<p>B.</p>
</section>
<section id="time">
<h2>Time</h2>
<ul>
<li>one</li>
<li>two</li>
</ul>
</section>
)");
}

TEST(Html, EscapesWhatComesFromData) {
  const std::string evil = "<script>alert(\"1\")</script> & 'x'",
                    good = "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;";
  const Table table{{{evil, Align::kLeft}}, {{evil}}};
  const std::string html = ToHtml({{Heading{1, evil}, Heading{2, evil}, Paragraph{evil}, Paragraph{"`" + evil + "`"},
                                    Paragraph{"**" + evil + "**"}, BulletList{{evil}}, table}});
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html,
              AllOf(HasSubstr("<title>" + good + "</title>"), HasSubstr("<h1>" + good), HasSubstr("<p>" + good),
                    HasSubstr("<code>" + good + "</code>"), HasSubstr("<strong>" + good + "</strong>"),
                    HasSubstr("<li>" + good), HasSubstr("<th scope=\"col\">" + good), HasSubstr(">" + good + "</td>")));
}

TEST(Html, ReadsCodeAndStrongText) {
  EXPECT_EQ(Body({{Paragraph{"a `b **c** <d>` **e `f` g** h"}}}),
            "<p>a <code>b **c** &lt;d&gt;</code> <strong>e <code>f</code> g</strong> h</p>\n");
  EXPECT_EQ(Body({{Paragraph{"2 ** 3 and a ` alone"}}}), "<p>2 ** 3 and a ` alone</p>\n");
}

TEST(Html, AlignsNumbersRightAndLetsLongTextBreak) {
  const Table table{{{"model", Align::kLeft}, {"ms", Align::kDecimal}, {"message", Align::kLeft}},
                    {{"small", "37.73", std::string(60, 'x')}, {"xl", "out_of_memory", ""}}};
  EXPECT_EQ(Body({{table}}), R"(<div class="table" tabindex="0"><table>
<thead><tr><th scope="col">model</th><th scope="col" class="n">ms</th><th scope="col">message</th></tr></thead>
<tbody>
<tr><td>small</td><td class="n">37.73</td><td class="long">)" +
                                 std::string(60, 'x') + R"(</td></tr>
<tr><td>xl</td><td class="n">out_of_memory</td><td></td></tr>
</tbody>
</table></div>
)");
}

TEST(Html, OfATableWithoutHeadingsIsAListOfFacts) {
  EXPECT_EQ(Body({{Table{{{"", Align::kLeft}, {"", Align::kLeft}}, {{"driver", "580"}}}}}),
            "<div class=\"table facts\" tabindex=\"0\"><table>\n<tbody>\n<tr><td>driver</td><td>580</td></tr>\n"
            "</tbody>\n</table></div>\n");
}

TEST(Html, PutsChartsInAGrid) {
  const ChartRow row{{Chart{.svg = "<svg>a</svg>\n"}, Chart{.svg = "<svg>b</svg>\n"}}};
  EXPECT_EQ(Body({{row}}),
            "<div class=\"charts\">\n<figure>\n<svg>a</svg>\n</figure>\n<figure>\n<svg>b</svg>\n</figure>\n</div>\n");
}

}  // namespace
}  // namespace tbench
