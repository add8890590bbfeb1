#include "analysis/read/run_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "analysis/read/json_repair.h"
#include "benchmarks/names/trial_time.h"
#include "model/support/one_line.h"
#include "model/support/utf8.h"

namespace tbench {
namespace {

using nlohmann::json;

// Numbers of a row that are the library's own, not counters.
constexpr std::array<std::string_view, 8> kLibraryFields{"family_index", "per_family_instance_index",
                                                         "repetitions",  "repetition_index",
                                                         "threads",      "iterations",
                                                         "real_time",    "cpu_time"};

// Discarded where the text is no JSON.
json Parse(std::string_view text) { return json::parse(text, nullptr, /*allow_exceptions=*/false); }

std::string Text(const json& object, const char* key) {
  const auto field = object.find(key);
  return field != object.end() && field->is_string() ? OneLine(field->get<std::string>()) : "";
}

std::int64_t Integer(const json& object, const char* key, std::int64_t otherwise) {
  const auto field = object.find(key);
  return field != object.end() && field->is_number_integer() ? field->get<std::int64_t>() : otherwise;
}

double Number(const json& object, const char* key, double otherwise) {
  const auto field = object.find(key);
  return field != object.end() && field->is_number() ? field->get<double>() : otherwise;
}

// Microseconds in one of the units that the library writes; nothing for another one.
std::optional<double> UnitInMicroseconds(const std::string& unit) {
  if (unit == "ns") return 1e-3;
  if (unit == "us") return 1;
  if (unit == "ms") return 1e3;
  if (unit == "s") return 1e6;
  return std::nullopt;
}

Row ToRow(const json& object) {
  Row row{.name = Text(object, "name"),
          .family_index = Integer(object, "family_index", 0),
          .repetitions = Integer(object, "repetitions", 1),
          .repetition_index = Integer(object, "repetition_index", 0),
          .threads = Number(object, "threads", 1),
          .iterations = Number(object, "iterations", 1),
          .real_time_us = {},
          .counters = {},
          .label = Text(object, "label"),
          .error = {}};
  const auto time = object.find("real_time");
  if (time != object.end() && time->is_number()) {
    const double us = time->get<double>() * UnitInMicroseconds(Text(object, "time_unit")).value_or(0);
    // A time of 0 is what the library writes for a body that measured nothing.
    if (IsTrialTime(us)) row.real_time_us = us;
  }
  std::map<std::string, double> counters;
  for (const auto& [key, value] : object.items()) {
    if (value.is_number() && std::ranges::find(kLibraryFields, key) == kLibraryFields.end()) {
      counters[key] = value.get<double>();
    }
  }
  row.counters = counters;
  const auto failed = object.find("error_occurred");
  if (failed != object.end() && failed->is_boolean() && failed->get<bool>()) row.error = Text(object, "error_message");
  return row;
}

void AddContext(const json& context, RunFile& run) {
  if (!context.is_object()) return;
  for (const auto& [key, value] : context.items()) {
    if (value.is_string()) run.context[OneLine(key)] = OneLine(value.get<std::string>());
    if (value.is_number() || value.is_boolean()) run.context[OneLine(key)] = value.dump();
  }
}

// The name that the library gives a row of its run_name; the row's own where that is absent.
std::string ExpectedName(const json& object) {
  const std::string run_name = Text(object, "run_name"), aggregate = Text(object, "aggregate_name");
  if (run_name.empty()) return Text(object, "name");
  return aggregate.empty() ? run_name : run_name + "_" + aggregate;
}

// Once, not once a trial.
void AddProblem(std::string problem, RunFile& run) {
  if (run.problems.empty() || run.problems.back() != problem) run.problems.push_back(std::move(problem));
}

void AddRow(const json& object, RunFile& run) {
  if (!object.is_object() || Text(object, "name").empty()) {
    run.problems.push_back(fmt::format("row {} has no name", run.rows.size()));
    return;
  }
  // Who matches rows by the one and who does by the other would see different cases.
  if (Text(object, "name") != ExpectedName(object)) {
    AddProblem(fmt::format("{}: its run_name makes it {}; left out", Text(object, "name"), ExpectedName(object)), run);
    return;
  }
  if (Text(object, "run_type") == "aggregate") return;
  Row row = ToRow(object);
  if (!run.rows.empty()) row.counters.ShareNames(run.rows.back().counters);
  run.rows.push_back(std::move(row));
  const auto time = object.find("real_time");
  const std::string unit = Text(object, "time_unit");
  if (time != object.end() && time->is_number() && time->get<double>() > 0 && !UnitInMicroseconds(unit)) {
    AddProblem(fmt::format("{}: its time_unit '{}' is none of ns, us, ms and s", run.rows.back().name, unit), run);
  }
  for (const auto& [key, value] : object.items()) {
    if (!value.is_null()) continue;  // what a NaN or Infinity was turned into
    run.problems.push_back(fmt::format("{}, trial {}: {} is not a finite number", run.rows.back().name,
                                       run.rows.back().repetition_index, key));
  }
}

// The same of a whole file, whose array "benchmarks" comes back empty: its rows are added to `run` one by one, since
// together they take many times the memory of their text.
json ParseFile(std::string_view text, RunFile& run) {
  using Event = json::parse_event_t;
  bool is_rows_key = false, in_rows = false;
  const auto keep = [&](int depth, Event event, const json& parsed) {
    if (depth == 1 && event == Event::key) {
      is_rows_key = parsed == "benchmarks";
      in_rows = false;
      if (is_rows_key) run = {};  // of a key that comes again the last one counts
    }
    if (depth == 1 && event == Event::array_start) in_rows = is_rows_key;
    const bool whole = event == Event::value || event == Event::object_end || event == Event::array_end;
    if (!in_rows || depth != 2 || !whole) return true;
    AddRow(parsed, run);
    return false;
  };
  return json::parse(text, keep, /*allow_exceptions=*/false);
}

// From what is left of a file that is no JSON as a whole.
void Salvage(std::string_view text, RunFile& run) {
  AddContext(Parse(ObjectAfterKey(text, "context")), run);
  std::size_t read = 0;
  for (const std::string_view object : ObjectsOfArray(text, "benchmarks")) {
    const json row = Parse(object);
    if (row.is_discarded()) continue;
    AddRow(row, run);
    ++read;
  }
  run.problems.push_back(read == 0 ? "no row of a Google Benchmark file can be read"
                                   : fmt::format("the file is damaged or cut off; {} whole rows were read", read));
}

// Of valid UTF-8 that is not blank.
RunFile ParseText(std::string_view text) {
  RunFile run;
  json file = ParseFile(text, run);
  if (file.is_discarded()) {
    const std::string clean = WithoutBareNumbers(text);
    run = {};
    if (clean != text) file = ParseFile(clean, run);
    if (file.is_discarded()) {
      run = {};
      Salvage(clean, run);
      return run;
    }
  }
  if (!file.is_object() || !file.contains("benchmarks") || !file["benchmarks"].is_array()) {
    run.problems.emplace_back("this is not Google Benchmark's JSON: it has no array 'benchmarks'");
    return run;
  }
  if (file.contains("context")) AddContext(file["context"], run);
  return run;
}

}  // namespace

RunFile ParseRunFile(std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return {.problems = {"the file is empty"}};
  const std::size_t bad = FindInvalidUtf8(text);
  if (bad == std::string_view::npos) return ParseText(text);
  RunFile run = ParseText(ValidUtf8(text));
  run.problems.insert(run.problems.begin(),
                      fmt::format("byte {} is no UTF-8: it and others of its kind are read as U+FFFD", bad));
  return run;
}

}  // namespace tbench
