#include "benchmarks/sweep/ceiling_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "analysis/statistics/statistics.h"

namespace tbench {
namespace {

bool IsFailed(const Json& row) { return row.value("error_occurred", false); }

std::vector<Json> RepetitionsOf(const Json& file, const Ceiling& ceiling) {
  std::vector<Json> rows;
  for (const Json& row : file.at("benchmarks")) {
    const bool of_it = row.at("run_name").get<std::string>() == RowName(ceiling);
    if (of_it && row.value("run_type", "") == "iteration") rows.push_back(row);
  }
  return rows;
}

CeilingFile ReadRows(Json json, const std::vector<Ceiling>& ceilings) {
  CeilingFile file;
  if (!json.at("context").is_object()) throw BadCaseFile("its context is no object");
  for (const Json& row : json.at("benchmarks")) {
    const auto name = row.at("run_name").get<std::string>();
    const auto is_named = [&name](const Ceiling& ceiling) { return RowName(ceiling) == name; };
    if (std::ranges::none_of(ceilings, is_named)) throw BadCaseFile(fmt::format("it holds '{}'", name));
  }
  for (const Ceiling& ceiling : ceilings) {
    const std::vector<Json> rows = RepetitionsOf(json, ceiling);
    const auto failed = std::ranges::find_if(rows, IsFailed);
    if (failed != rows.end()) {
      file.failures.push_back(fmt::format("{}: {}", CeilingName(ceiling), failed->value("error_message", "failed:")));
    } else if (std::ssize(rows) != kCeilingRepetitions) {
      throw BadCaseFile(
          fmt::format("it holds {} of {} repetitions of {}", rows.size(), kCeilingRepetitions, CeilingName(ceiling)));
    } else {
      for (const Json& row : rows) TimeUs(row);  // throws
    }
  }
  file.json = std::move(json);
  return file;
}

double MedianTime(const std::vector<Json>& rows) {
  std::vector<double> times;
  for (const Json& row : rows) times.push_back(TimeUs(row));
  return Median(times);
}

// "51.4 TFLOP/s", "11.5 GB/s".
std::string FormatRate(double per_second, const char* unit) {
  if (per_second >= 1e12) return fmt::format("{:.3g} T{}", per_second / 1e12, unit);
  return fmt::format("{:.3g} G{}", per_second / 1e9, unit);
}

}  // namespace

CeilingFile ParseCeilingFile(const std::string& text, const std::vector<Ceiling>& ceilings) {
  if (text.empty()) throw BadCaseFile("it is empty");
  try {
    return ReadRows(ParseJson(text), ceilings);
  } catch (const Json::parse_error& error) {
    throw BadCaseFile(fmt::format("it is no complete JSON (byte {} of {})", error.byte, text.size()));
  } catch (const Json::exception& error) {
    throw BadCaseFile(error.what());
  }
}

Json ErrorCeilingFile(const std::vector<Ceiling>& ceilings, const Json& context, const std::string& error) {
  Json file{{"context", context}, {"benchmarks", Json::array()}};
  for (const Ceiling& ceiling : ceilings) {
    file["benchmarks"].push_back(ErrorRow(RowName(ceiling), kCeilingRepetitions, error));
  }
  return file;
}

std::vector<Json> SplitByBenchmark(const Json& file) {
  std::vector<std::string> names;
  std::vector<Json> parts;
  for (const Json& row : file.at("benchmarks")) {
    const auto name = row.at("run_name").get<std::string>();
    const auto found = std::ranges::find(names, name);
    if (found == names.end()) {
      names.push_back(name);
      parts.push_back({{"benchmarks", Json::array({row})}});
    } else {
      parts[std::size_t(found - names.begin())]["benchmarks"].push_back(row);
    }
  }
  return parts;
}

Json AtEnd(Json file) {
  for (Json& row : file.at("benchmarks")) {
    const auto run_name = row.at("run_name").get<std::string>();
    Ceiling ceiling = ParseCeilingName(run_name);
    ceiling.moment = Ceiling::Moment::kEnd;
    // An aggregate's name says more than its benchmark's.
    row["name"] = RowName(ceiling) + row.at("name").get<std::string>().substr(run_name.size());
    row["run_name"] = RowName(ceiling);
  }
  return file;
}

std::string DescribeCeilings(const CeilingFile& file, const std::vector<Ceiling>& ceilings) {
  std::vector<std::string> texts;
  for (const Ceiling& ceiling : MainCeilings(ceilings)) {
    const std::vector<Json> rows = RepetitionsOf(file.json, ceiling);
    if (rows.empty() || std::ranges::any_of(rows, IsFailed)) continue;
    const double per_second = WorkOf(ceiling) / (MedianTime(rows) * 1e-6);
    const bool is_copy = ceiling.kind == Ceiling::Kind::kCopy;
    texts.push_back(fmt::format("{} {}", is_copy ? "copy" : NameOf(ceiling.precision),
                                FormatRate(per_second, is_copy ? "B/s" : "FLOP/s")));
  }
  return fmt::format("{}", fmt::join(texts, ", "));
}

}  // namespace tbench
