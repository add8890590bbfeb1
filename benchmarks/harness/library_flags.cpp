#include "benchmarks/harness/library_flags.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <regex>
#include <sstream>
#include <string_view>

#include "benchmarks/names/context_keys.h"
#include "model/support/input_error.h"
#include "model/support/utf8.h"

namespace tbench {
namespace {

struct Refused {
  std::string_view flag;
  std::string_view instead;
};

constexpr std::array kRefused{
    Refused{"benchmark_enable_random_interleaving", "it would keep the models of several cases alive at once"},
    Refused{"benchmark_min_warmup_time", "use --warmups, which counts steps"},
    Refused{"benchmark_repetitions", "use --trials"},
    Refused{"benchmark_dry_run", "it would leave a case's model alive; use --trials 1"},
    Refused{"benchmark_report_aggregates_only", "it would drop the trials from the file"},
};

struct Enumerated {
  std::string_view flag;
  std::vector<std::string> values;
};

const std::array kEnumerated{
    // Not csv: the library fixes its columns at the first case and aborts at one with another counter.
    Enumerated{"benchmark_format", {"console", "json"}},
    Enumerated{"benchmark_out_format", {"console", "json"}},
};

std::string EnvironmentName(std::string_view flag) {
  std::string name(flag);
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return char(std::toupper(c)); });
  return name;
}

// The environment's value, then that of each --FLAG=VALUE, "" for a bare --FLAG.
std::vector<std::string> ValuesOf(std::string_view flag, const std::vector<std::string>& arguments) {
  std::vector<std::string> values;
  if (const char* variable = std::getenv(EnvironmentName(flag).c_str())) values.emplace_back(variable);
  for (const std::string& argument : arguments) {
    std::string_view rest = argument;
    if (!rest.starts_with("--")) continue;
    rest.remove_prefix(2);
    if (rest == flag) values.emplace_back();
    if (rest.starts_with(flag) && rest.substr(flag.size()).starts_with('=')) {
      values.emplace_back(rest.substr(flag.size() + 1));
    }
  }
  return values;
}

// The one that counts where there may be one only.
std::optional<std::string> ValueOf(std::string_view flag, const std::vector<std::string>& arguments) {
  const std::vector<std::string> values = ValuesOf(flag, arguments);
  return values.empty() ? std::nullopt : std::optional(values.back());
}

// The library adds KEY=VALUE,… of all of them up, and the first value of a key stays.
void CheckUsersContext(const std::vector<std::string>& arguments) {
  const std::string flag = "benchmark_context";
  const std::string named = fmt::format("--{} (or {} in the environment)", flag, EnvironmentName(flag));
  for (const std::string& value : ValuesOf(flag, arguments)) {
    if (FindInvalidUtf8(value) != std::string::npos) {
      throw InputError(fmt::format("{} '{}' is no UTF-8, as JSON is", named, ValidUtf8(value)));
    }
    std::istringstream pairs(value);
    for (std::string pair; std::getline(pairs, pair, ',');) {
      const std::string key = pair.substr(0, pair.find('='));
      if (!IsReservedContextKey(key)) continue;
      throw InputError(fmt::format("{} names '{}', which this program writes itself: choose another key", named, key));
    }
  }
}

}  // namespace

void CheckLibraryFlags(const std::vector<std::string>& arguments) {
  for (const auto& [flag, instead] : kRefused) {
    if (ValueOf(flag, arguments)) {
      throw InputError(fmt::format("--{} (or {} in the environment) would change what a trial is: {}", flag,
                                   EnvironmentName(flag), instead));
    }
  }
  for (const auto& [flag, values] : kEnumerated) {
    const auto value = ValueOf(flag, arguments);
    if (value && std::ranges::find(values, *value) == values.end()) {
      throw UnknownValue(fmt::format("--{}", flag), *value, values);
    }
  }
  CheckUsersContext(arguments);
}

bool ListsOnly(const std::vector<std::string>& arguments) {
  std::optional<std::string> value = ValueOf("benchmark_list_tests", arguments);
  if (!value) return false;
  std::ranges::transform(*value, value->begin(), [](unsigned char c) { return char(std::tolower(c)); });
  // The library's: of one letter or digit all but these, of several all but these words.
  if (value->size() == 1) {
    return std::isalnum(static_cast<unsigned char>(value->front())) != 0 &&
           std::string_view("0fn").find(*value) == std::string_view::npos;
  }
  return *value != "false" && *value != "no" && *value != "off";
}

bool FilterSelectsAny(const std::string& filter, const std::vector<std::string>& row_names) {
  if (filter.empty() || filter == "all") return !row_names.empty();
  const bool negative = filter.front() == '-';
  try {
    const std::regex expression(negative ? filter.substr(1) : filter, std::regex_constants::extended);
    return std::ranges::any_of(
        row_names, [&](const std::string& name) { return std::regex_search(name, expression) != negative; });
  } catch (const std::regex_error& error) {
    throw InputError(fmt::format("--benchmark_filter '{}' is no regular expression: {}", filter, error.what()));
  }
}

void CheckOutputFile(const std::vector<std::string>& arguments) {
  const auto name = ValueOf("benchmark_out", arguments);
  if (!name || name->empty()) return;
  const std::filesystem::path file(*name);
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  const bool exists = std::filesystem::exists(file);
  if (std::filesystem::is_directory(file) || access((exists ? file : folder).c_str(), W_OK) != 0) {
    throw InputError(fmt::format("--benchmark_out '{}' cannot be written", *name));
  }
}

}  // namespace tbench
