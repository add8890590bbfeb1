#include "analysis/gate/gate_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <span>

#include "analysis/read/record.h"
#include "analysis/tables/markdown.h"
#include "analysis/tables/text.h"
#include "model/support/one_line.h"

namespace tbench {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kLongestError = 300;
constexpr std::size_t kMostInMarkdown = 200;  // cases of a group

// A part of the report: cases of these verdicts.
struct Group {
  const char* title;
  std::vector<const ComparedCase*> cases;
};

struct Groups {
  Group worse{"Worse", {}}, implausible{"Cannot be compared", {}}, undecided{"Too few trials to tell", {}},
      faster{"Faster", {}}, others{"Other cases", {}},
      unclear{"Grew beyond the threshold, but p is not below alpha", {}},
      cleared{"Looked slower and, measured again, is not", {}};

  // In the order of a report.
  std::array<const Group*, 7> all() const {
    return {&worse, &implausible, &undecided, &unclear, &cleared, &faster, &others};
  }
};

Groups GroupCases(const Comparison& comparison, const GateOptions& options) {
  Groups groups;
  for (const ComparedCase& compared : comparison.cases) {
    if (compared.verdict == GateVerdict::kSame) continue;
    Group& group = IsWorse(compared.verdict, options)               ? groups.worse
                   : compared.verdict == GateVerdict::kImplausible  ? groups.implausible
                   : compared.verdict == GateVerdict::kTooFewTrials ? groups.undecided
                   : compared.verdict == GateVerdict::kUnclear      ? groups.unclear
                   : compared.verdict == GateVerdict::kFaster       ? groups.faster
                   : compared.verdict == GateVerdict::kCleared      ? groups.cleared
                                                                    : groups.others;
    group.cases.push_back(&compared);
  }
  // The worst first; those without a ratio stay in the runs' order, before them.
  std::ranges::stable_sort(groups.worse.cases, std::greater<>{}, [](const ComparedCase* compared) {
    return compared->Growth().value_or(std::numeric_limits<double>::infinity());
  });
  return groups;
}

// The median of one run, or why there is none.
std::string MedianOrError(const std::optional<double>& median_us, const std::optional<std::string>& error) {
  if (error) return ErrorKind(*error);
  return median_us ? Duration(*median_us) : "-";
}

std::string OldMedian(const ComparedCase& compared) {
  return MedianOrError(compared.old_median_us, compared.old_error);
}
std::string NewMedian(const ComparedCase& compared) {
  return MedianOrError(compared.new_median_us, compared.new_error);
}

std::string Change(const ComparedCase& compared) { return compared.Growth() ? SignedPercent(*compared.Growth()) : ""; }

std::string PValue(const ComparedCase& compared) { return compared.p ? fmt::format("{:.2g}", *compared.p) : ""; }

// What a program said, on one line and not too long.
std::string Excerpt(const std::string& error) {
  std::string text = FirstCharacters(error, kLongestError);
  if (text.size() < error.size()) text += " ...";
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < ' '; }, ' ');
  return text;
}

// What is to be said of a case besides its figures.
std::vector<std::string> Notes(const ComparedCase& compared) {
  std::vector<std::string> notes;
  if (!compared.note.empty()) notes.push_back(Excerpt(compared.note));
  if (compared.new_error) notes.push_back(Excerpt(*compared.new_error));
  return notes;
}

// What names of cases are made of, found once for all of them.
std::vector<Axis> AxesOfNames(const Comparison& comparison) {
  std::vector<Case> cases;
  for (const ComparedCase& compared : comparison.cases) cases.push_back(compared.c);
  return VaryingAxes(cases);
}

// The text in lines of at most `width`, broken at spaces; a longer word is not broken.
std::vector<std::string> Wrapped(const std::string& text, std::size_t width) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = text.size();
    if (end - begin > width) {
      end = text.rfind(' ', begin + width);
      if (end == std::string::npos || end <= begin) end = std::min(text.find(' ', begin), text.size());
    }
    lines.push_back(text.substr(begin, end - begin));
    begin = std::min(text.find_first_not_of(' ', end), text.size());
  }
  return lines;
}

// One line before it is wrapped: pieces of others that are harmless by themselves could make a command of CI together.
std::string Indented(const std::string& text, std::size_t indent) {
  std::string block;
  for (const std::string& line : Wrapped(OneLine(text), kWidth - indent))
    block += std::string(indent, ' ') + line + "\n";
  return block;
}

std::string Rule(const GateOptions& options) {
  return fmt::format("slower: the median grew by more than {} and p < {:.4g} (two-sided Mann-Whitney U)",
                     Limit(options.threshold), options.alpha);
}

// Enough of a commit to find it, and what follows it, such as -dirty.
std::string ShownCommit(const std::string& commit) {
  constexpr std::size_t kDigits = 12;
  const std::size_t end = std::min(commit.find('-'), commit.size());
  return commit.substr(0, std::min(end, kDigits)) + commit.substr(end);
}

std::string ShownRun(const ComparedRun& run) {
  return fmt::format("{} (commit {}, {})", run.source, ShownCommit(run.commit), run.machine);
}

// `shown`, here and below, makes foreign text fit for where it goes.
template <class Shown>
std::string ShownSoftware(const Remeasurement& again, Shown shown) {
  std::vector<std::string> parts;
  for (const auto& [what, baseline, now] : again.software) {
    parts.push_back(fmt::format("{}: {} -> {}", what, shown(baseline), shown(now)));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

// What is said before all else where the old program is slower than its own baseline; else empty.
template <class Shown>
std::string EnvironmentSentence(const Comparison& comparison, Shown shown) {
  const auto slower = std::ranges::count(comparison.cases, true, &ComparedCase::environment_slower);
  if (slower == 0) return "";
  const std::string software = comparison.again ? ShownSoftware(*comparison.again, shown) : "";
  return fmt::format(
      "the environment became slower: in {} of {} the old program takes longer than in the baseline ({}); ", slower,
      Plural(comparison.cases.size(), "case"), software.empty() ? "no version of its software differs" : software);
}

template <class Shown>
std::string HowMeasuredAgain(const Comparison& comparison, Shown shown) {
  const Remeasurement& again = *comparison.again;
  const auto count = [&](bool ComparedCase::*is_so) {
    return std::size_t(std::ranges::count(comparison.cases, true, is_so));
  };
  const std::size_t alarms = count(&ComparedCase::looked_slower), measured = count(&ComparedCase::measured_again);
  if (measured == 0) return "No case looked slower, so none was measured again.";
  const auto of_alarms = [&](auto is_so) {
    return std::ranges::count_if(comparison.cases, [&](const ComparedCase& c) { return c.looked_slower && is_so(c); });
  };
  const auto failed = of_alarms([](const ComparedCase& c) { return c.failed_again; });
  const auto confirmed =
      of_alarms([](const ComparedCase& c) { return c.verdict == GateVerdict::kSlower && !c.failed_again; });
  const auto cleared = std::int64_t(alarms) - failed - confirmed;
  std::string counts =
      fmt::format("{} looked slower at first: {} confirmed, {} cleared{}.", Plural(alarms, "case"), confirmed, cleared,
                  failed == 0 ? "" : fmt::format(", {} failed when measured again", failed));
  if (!again.software.empty()) {
    counts +=
        fmt::format(" The old program's software is not the baseline's ({}), so {} measured again.",
                    ShownSoftware(again, shown), measured == 1 ? "1 case was" : fmt::format("{} cases were", measured));
  }
  if (again.with_old_binary) {
    return fmt::format(
        "{} Measured again in {} fresh processes each of the old program (commit {}) and the new one (commit {}), "
        "alternating; these figures are of the processes' medians.",
        counts, again.rounds, shown(ShownCommit(comparison.baseline.commit)),
        shown(ShownCommit(comparison.contender.commit)));
  }
  return fmt::format(
      "{} The old program was not given (--baseline-binary), so only the new one was measured again, in {}, and "
      "compared with the baseline run's trials: a machine that changed since then looks like a slower program.",
      counts, Plural(std::size_t(again.rounds), "fresh process"));
}

// A line for each case where all of them fit, else its figures under its name.
std::string TextOf(const Group& group, const std::vector<Axis>& varying) {
  struct Line {
    std::string name, verdict, figures;
  };
  std::vector<Line> lines;
  std::size_t names = 0, verdicts = 0, figures = 0;
  for (const ComparedCase* compared : group.cases) {
    const std::string p = PValue(*compared);
    Line line{ShortName(compared->c, varying), std::string(ToString(compared->verdict)),
              fmt::format("{:>9} -> {:<9} {:>8}{}", OldMedian(*compared), NewMedian(*compared), Change(*compared),
                          p.empty() ? "" : "  p " + p)};
    line.figures.erase(line.figures.find_last_not_of(' ') + 1);
    names = std::max(names, line.name.size());
    verdicts = std::max(verdicts, line.verdict.size());
    figures = std::max(figures, CharacterCount(line.figures));
    lines.push_back(std::move(line));
  }
  const bool fits = 2 + names + 2 + verdicts + 2 + figures <= kWidth;
  std::string text = fmt::format("{}:\n", group.title);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const auto& [name, verdict, shown] = lines[i];
    text += fits ? fmt::format("  {:<{}}  {:<{}}  {}\n", name, names, verdict, verdicts, shown)
                 : Indented(name, 2) + fmt::format("    {:<{}}  {}\n", verdict, verdicts, shown);
    for (const std::string& note : Notes(*group.cases[i])) text += Indented(note, 6);
  }
  return text;
}

// The first of its cases: GitHub takes no summary of more than 1 MiB. Of the worse ones, the worst.
std::span<const ComparedCase* const> InMarkdown(const Group& group) {
  return std::span(group.cases).first(std::min(group.cases.size(), kMostInMarkdown));
}

Table CaseTable(const Group& group, const std::vector<Axis>& varying) {
  Table table{.columns = {{"case", Align::kLeft},
                          {"verdict", Align::kLeft},
                          {"baseline", Align::kDecimal},
                          {"contender", Align::kDecimal},
                          {"change", Align::kDecimal},
                          {"p", Align::kDecimal}},
              .rows = {}};
  for (const ComparedCase* compared : InMarkdown(group)) {
    table.rows.push_back({ShortName(compared->c, varying), std::string(ToString(compared->verdict)),
                          OldMedian(*compared), NewMedian(*compared), Change(*compared), PValue(*compared)});
  }
  return table;
}

// Text of other programs: nothing in it is Markdown.
std::string Verbatim(const std::string& text) {
  std::string quoted = OneLine(text);
  std::ranges::replace(quoted, '`', '\'');
  return "`" + quoted + "`";
}

// The same where it stands among words of ours: as code only where it holds what Markdown could read as markup.
std::string Plain(const std::string& text) {
  return text.find_first_of("<>&[]!*`\\~#@") == std::string::npos && text.find("://") == std::string::npos &&
                 text.find("www.") == std::string::npos
             ? OneLine(text)
             : Verbatim(text);
}

std::string MarkdownOf(const Group& group, const std::vector<Axis>& varying) {
  std::string text = fmt::format("\n#### {}\n\n{}", group.title, ToMarkdown(CaseTable(group, varying)));
  if (group.cases.size() > kMostInMarkdown) {
    text += fmt::format("\nThe first {} of {} cases; the text on the terminal has all of them.\n", kMostInMarkdown,
                        group.cases.size());
  }
  std::string notes;
  for (const ComparedCase* compared : InMarkdown(group)) {
    for (const std::string& note : Notes(*compared)) {
      notes += fmt::format("- {}: {}\n", ShortName(compared->c, varying), Verbatim(note));
    }
  }
  return notes.empty() ? text : text + "\n" + notes;
}

std::vector<Difference> AllDifferences(const Comparison& comparison) {
  std::vector<Difference> all = comparison.hardware;
  all.insert(all.end(), comparison.differences.begin(), comparison.differences.end());
  return all;
}

template <class Shown>
std::string ShownHeadline(const Comparison& comparison, const GateOptions& options, Shown shown) {
  std::vector<std::string> kinds;
  std::size_t worse = 0;
  for (const GateVerdict verdict :
       {GateVerdict::kEnvironmentSlower, GateVerdict::kSlower, GateVerdict::kNewlyFailing, GateVerdict::kMissing}) {
    const std::size_t count = comparison.Count(verdict);
    if (count == 0 || !IsWorse(verdict, options)) continue;
    worse += count;
    kinds.push_back(fmt::format("{} {}", count, ToString(verdict)));
  }
  const std::size_t total = comparison.cases.size();
  if (worse > 0) {
    return fmt::format("Failed: {}{} of {} {} worse: {}.", EnvironmentSentence(comparison, shown), worse,
                       Plural(total, "case"), worse == 1 ? "is" : "are", fmt::join(kinds, ", "));
  }
  if (!comparison.problems.empty()) return "Failed: a part of the runs cannot be read.";
  if (const std::size_t implausible = comparison.Count(GateVerdict::kImplausible); implausible > 0) {
    return fmt::format("Undecided: {} of {} cannot be compared.", implausible, Plural(total, "case"));
  }
  if (const std::size_t undecided = comparison.Count(GateVerdict::kTooFewTrials); undecided > 0) {
    return fmt::format("Undecided: {} of {} {} too few trials for any p below {:.4g}.", undecided,
                       Plural(total, "case"), undecided == 1 ? "has" : "have", options.alpha);
  }
  if (std::ranges::none_of(comparison.cases, &ComparedCase::IsCompared)) {
    return "Undecided: no case is good in both runs, so nothing was compared.";
  }
  const auto failing = std::size_t(std::ranges::count_if(
      comparison.cases, [](const ComparedCase& compared) { return compared.new_error.has_value(); }));
  return fmt::format("Passed: none of {} is worse{}.", Plural(total, "case"),
                     failing == 0 ? ""
                                  : fmt::format("; {} in the contender, but not newly",
                                                failing == 1 ? "1 fails" : fmt::format("{} fail", failing)));
}

}  // namespace

std::string Headline(const Comparison& comparison, const GateOptions& options) {
  return ShownHeadline(comparison, options, OneLine);
}

std::string ToText(const Comparison& comparison, const GateOptions& options) {
  std::string text = fmt::format("baseline:  {}\ncontender: {}\n{}", OneLine(ShownRun(comparison.baseline)),
                                 OneLine(ShownRun(comparison.contender)), Indented(Rule(options), 0));
  const std::vector<Difference> differences = AllDifferences(comparison);
  if (!differences.empty()) text += "\nDiffers between the runs:\n";
  for (const auto& [what, baseline, contender] : differences) {
    text += Indented(fmt::format("{}: {} -> {}", what, baseline, contender), 2);
  }
  const std::vector<Axis> varying = AxesOfNames(comparison);
  const Groups groups = GroupCases(comparison, options);
  for (const Group* group : groups.all()) {
    if (!group->cases.empty()) text += "\n" + TextOf(*group, varying);
  }
  if (comparison.again) text += "\n" + Indented(HowMeasuredAgain(comparison, OneLine), 0);
  if (!comparison.problems.empty()) text += "\nCould not be read:\n";
  for (const std::string& problem : comparison.problems) text += fmt::format("  {}\n", OneLine(problem));
  return text + "\n" + Indented(Headline(comparison, options), 0);
}

std::string ToMarkdown(const Comparison& comparison, const GateOptions& options) {
  std::string text =
      fmt::format("### {}\n\n- baseline: {}\n- contender: {}\n- {}\n", ShownHeadline(comparison, options, Plain),
                  Verbatim(ShownRun(comparison.baseline)), Verbatim(ShownRun(comparison.contender)), Rule(options));
  if (comparison.again) text += fmt::format("\n{}\n", HowMeasuredAgain(comparison, Plain));
  const std::vector<Axis> varying = AxesOfNames(comparison);
  const Groups groups = GroupCases(comparison, options);
  for (const Group* group : groups.all()) {
    if (!group->cases.empty()) text += MarkdownOf(*group, varying);
  }
  if (!comparison.problems.empty()) {
    text += "\n#### Could not be read\n\n";
    for (const std::string& problem : comparison.problems) text += fmt::format("- {}\n", Verbatim(Excerpt(problem)));
  }
  Table differences{.columns = {{"differs", Align::kLeft}, {"baseline", Align::kLeft}, {"contender", Align::kLeft}},
                    .rows = {}};
  for (const auto& [what, baseline, contender] : AllDifferences(comparison)) {
    differences.rows.push_back({Plain(what), Plain(baseline), Plain(contender)});
  }
  if (!differences.rows.empty()) text += "\n#### Differs between the runs\n\n" + ToMarkdown(differences);
  return text;
}

}  // namespace tbench
