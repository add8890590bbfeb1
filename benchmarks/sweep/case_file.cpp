#include "benchmarks/sweep/case_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "analysis/statistics/statistics.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/trial_time.h"
#include "model/support/utf8.h"

namespace tbench {
namespace {

bool IsTrial(const Json& row) { return row.value("run_type", "") == "iteration"; }

// Throws nlohmann's exceptions where a row lacks what every row has.
CaseFile ReadRows(Json json, const Case& c, std::int64_t trials) {
  CaseFile file;
  std::set<std::int64_t> seen;
  std::vector<double> times;
  const std::string expected = RowName(c, trials);
  if (!json.at("context").is_object()) throw BadCaseFile("its context is no object");
  for (const Json& row : json.at("benchmarks")) {
    const auto run_name = row.at("run_name").get<std::string>();
    if (run_name != expected) throw BadCaseFile(fmt::format("it holds '{}'", run_name));
    if (!IsTrial(row)) continue;
    const auto index = row.at("repetition_index").get<std::int64_t>();
    if (index < 0 || index >= trials) throw BadCaseFile(fmt::format("it holds a trial {} of {}", index, trials));
    if (!seen.insert(index).second) throw BadCaseFile(fmt::format("it holds trial {} twice", index));
    const bool failed = row.value("error_occurred", false);
    if (!failed) times.push_back(TimeUs(row));
    file.setup_us += row.value(counters::kSetup, 0.0);
    file.steps_us += row.value(counters::kEndToEnd, 0.0) + row.value(counters::kWarmup, 0.0);
    if (file.error.empty() && failed) {
      file.error = row.value("error_message", "");
      if (file.error.empty()) file.error = "failed: no reason is given";
    }
  }
  if (file.error.empty() ? std::ssize(seen) != trials : seen.empty()) {
    throw BadCaseFile(fmt::format("it holds {} of {} trials", seen.size(), trials));
  }
  if (file.error.empty()) file.median_us = Median(times);
  file.json = std::move(json);
  return file;
}

constexpr int kMaxDepth = 64;

}  // namespace

Json ParseJson(const std::string& text) {
  return Json::parse(ValidUtf8(text), [](int depth, Json::parse_event_t, Json&) {
    if (depth > kMaxDepth) throw BadCaseFile(fmt::format("its values are nested more than {} deep", kMaxDepth));
    return true;
  });
}

CaseFile ParseCaseFile(const std::string& text, const Case& c, std::int64_t trials) {
  if (text.empty()) throw BadCaseFile("it is empty");
  try {
    return ReadRows(ParseJson(text), c, trials);
  } catch (const Json::parse_error& error) {
    throw BadCaseFile(fmt::format("it is no complete JSON (byte {} of {})", error.byte, text.size()));
  } catch (const Json::exception& error) {
    throw BadCaseFile(error.what());
  }
}

double TimeUs(const Json& row) {
  const Json& time = row.at("real_time");
  const double us = time.is_number() ? time.get<double>() : 0;
  if (!IsTrialTime(us)) {
    throw BadCaseFile(fmt::format("a real_time is {}, expected a picosecond to 30 years in us", time.dump()));
  }
  const Json unit = row.value("time_unit", Json());
  if (unit != "us") throw BadCaseFile(fmt::format("a time_unit is {}, expected \"us\"", unit.dump()));
  return us;
}

Json ErrorRow(const std::string& row_name, std::int64_t repetitions, const std::string& error) {
  return {{"name", row_name},
          {"family_index", 0},
          {"per_family_instance_index", 0},
          {"run_name", row_name},
          {"run_type", "iteration"},
          {"repetitions", repetitions},
          {"repetition_index", 0},
          {"threads", 1},
          {"error_occurred", true},
          {"error_message", error},
          {"iterations", 0},
          {"real_time", 0.0},
          {"cpu_time", 0.0},
          {"time_unit", "us"}};
}

Json ErrorCaseFile(const Case& c, std::int64_t trials, const Json& context, const std::string& error) {
  return {{"context", context}, {"benchmarks", Json::array({ErrorRow(RowName(c, trials), trials, error)})}};
}

std::string ToText(const Json& json) {
  return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

}  // namespace tbench
