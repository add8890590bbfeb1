// Files of cases through what a sweep goes on with and joins: what is merged holds the same rows, and readers read it.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/read/record.h"
#include "analysis/read/run_file.h"
#include "analysis/read/trials.h"
#include "benchmarks/sweep/case_file.h"
#include "benchmarks/sweep/ceiling_file.h"
#include "benchmarks/sweep/merge.h"
#include "benchmarks/sweep/run_context.h"
#include "model/support/input_error.h"
#include "tests/fuzz/made_run.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace tbench;

// The rows of files without their numbers of families, which merging gives anew; in no order.
std::vector<std::string> RowsOf(const std::vector<Json>& files) {
  std::vector<std::string> rows;
  for (const Json& file : files) {
    for (Json row : file.at("benchmarks")) {
      row.erase("family_index");
      rows.push_back(ToText(row));
    }
  }
  std::ranges::sort(rows);
  return rows;
}

// As a file that the next program reads.
Json RequireWritten(const Json& run, const std::vector<std::string>& rows) {
  const std::string text = ToText(run);
  const Json read = ParseJson(text);
  Require(ToText(read) == text, "what is written reads back", text);
  Require(RowsOf({read}) == rows, "what is merged holds the rows of its parts", text);
  return read;
}

// What a sweep makes of the file that a case's process left, and readers of the run that it becomes.
void RequireCaseFile(const std::string& text, const Case& c, std::int64_t trials) {
  std::optional<CaseFile> file;
  try {
    file = ParseCaseFile(text, c, trials);
  } catch (const BadCaseFile&) {
    return;
  }
  const Json& context = file->json.at("context");
  Require(DifferencesWithinPart(context, context).empty(), "a run does not differ from itself", text);
  const Json run = RequireWritten(JoinCases(context, {file->json}), RowsOf({file->json}));
  const Records records = ToRecords({ParseRunFile(ToText(run))});
  if (records.records.empty()) {
    // A model that the context does not explain is the run's fault.
    const bool model = std::ranges::any_of(
        records.problems, [](const std::string& problem) { return problem.find("model") != std::string::npos; });
    Require(model, "readers read what a sweep takes for a result",
            text + (records.problems.empty() ? "" : records.problems.front()));
    return;
  }
  const Record& record = records.records.front();
  Require(record.c == c && record.error.has_value() == file->failed(), "readers read the case that the sweep read",
          text);
  if (!file->failed()) {
    Require(std::ssize(record.trials) == trials, "readers read every trial that the sweep read", text);
    const double median_us = MedianTimeUs(record);
    Require(std::abs(file->median_us - median_us) <= 1e-9 * median_us, "readers read the times that the sweep read",
            text);
  }
}

// The case and number of trials that the first row of a file is of.
std::optional<std::pair<Case, std::int64_t>> FirstCase(const RunFile& run) {
  for (const Row& row : run.rows) {
    try {
      if (row.repetitions > 0 && row.repetitions <= 1000) return std::pair(ParseCaseName(row.name), row.repetitions);
    } catch (const InputError&) {
    }
  }
  return std::nullopt;
}

std::optional<RunPart> ReadPart(const std::string& source, const std::string& text) {
  try {
    return ParseRunPart(source, text);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

void RequireMerged(const std::vector<RunPart>& parts) {
  std::vector<Json> files;
  for (const RunPart& part : parts) {
    RequireWritten(part.json, RowsOf({part.json}));
    files.push_back(part.json);
  }
  MergedRun merged;
  try {
    merged = MergeRuns(parts);
  } catch (const InputError&) {
    return;
  }
  const std::string text = ToText(RequireWritten(merged.json, RowsOf(files)));
  const std::optional<RunPart> again = ReadPart("merged", text);
  Require(again.has_value(), "what is merged can be merged", text);
  Require(ToText(MergeRuns({*again}).json.at("benchmarks")) == ToText(merged.json.at("benchmarks")),
          "merging a merged run changes no row", text);
}

// A part holds every second of the made benchmarks.
std::vector<MadeRun> Split(const MadeRun& whole, std::size_t parts) {
  std::vector<MadeRun> runs(parts, MadeRun{.context = whole.context, .rows = {}});
  for (const Fields& row : whole.rows) {
    const auto family = std::ranges::find(row, "family_index", &Fields::value_type::first);
    runs[std::size_t(family->second.back() - '0') % parts].rows.push_back(row);
  }
  return runs;
}

std::vector<std::string> MakeParts(const std::uint8_t* bytes, std::size_t size) {
  if (size > 0 && bytes[0] == '{') return SplitFiles({reinterpret_cast<const char*>(bytes), size});
  FuzzedDataProvider provider(bytes, size);
  const auto parts = provider.ConsumeIntegralInRange<std::size_t>(1, 3);
  std::vector<std::string> texts;
  for (MadeRun& part : Split(MakeRun(provider), parts)) {
    Distort(provider, part);
    texts.push_back(ToJson(part));
  }
  return texts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  std::vector<RunPart> parts;
  for (const std::string& text : MakeParts(bytes, size)) {
    if (const auto first = FirstCase(ParseRunFile(text))) RequireCaseFile(text, first->first, first->second);
    try {
      ParseCeilingFile(text, {{.kind = Ceiling::Kind::kCopy, .size = 4096}});
    } catch (const BadCaseFile&) {
    }
    if (std::optional<RunPart> part = ReadPart("part " + std::to_string(parts.size()), text)) {
      parts.push_back(std::move(*part));
    }
  }
  if (!parts.empty()) RequireMerged(parts);
  return 0;
}
