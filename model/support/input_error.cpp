#include "model/support/input_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <numeric>

namespace tbench {
namespace {

// Levenshtein distance, one row at a time.
std::size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substitute = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substitute, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string NearestMatch(std::string_view word, const std::vector<std::string>& candidates) {
  std::string nearest;
  std::size_t best = std::max<std::size_t>(2, word.size() / 3) + 1;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = EditDistance(word, candidate);
    // A distance as long as the candidate itself shares nothing with it.
    if (distance < best && distance < candidate.size()) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

InputError UnknownValue(std::string_view what, std::string_view given, const std::vector<std::string>& allowed) {
  const std::string nearest = NearestMatch(given, allowed);
  const std::string hint = nearest.empty() ? "." : fmt::format(", did you mean '{}'?", nearest);
  return InputError(fmt::format("unknown {} '{}'{} Allowed: {}", what, given, hint, fmt::join(allowed, ", ")));
}

std::vector<std::string> SplitList(std::string_view what, std::string_view list, char separator) {
  std::vector<std::string> elements;
  for (;;) {
    const std::size_t end = list.find(separator);
    elements.emplace_back(list.substr(0, end));
    if (elements.back().empty()) {
      throw InputError(fmt::format("{}: an empty element; expected values separated by '{}'", what, separator));
    }
    if (end == std::string_view::npos) return elements;
    list.remove_prefix(end + 1);
  }
}

long long ParseInteger(std::string_view what, std::string_view text, long long least, long long most) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error == std::errc::result_out_of_range) {
    throw InputError(fmt::format("{} '{}' is too large; at most 2^63 - 1", what, text));
  }
  if (error != std::errc{} || end != text.data() + text.size() || value < least) {
    throw InputError(fmt::format("{} '{}' is not a whole number of at least {}", what, text, least));
  }
  if (value > most) throw InputError(fmt::format("{} '{}' is too large; at most {}", what, text, most));
  return value;
}

}  // namespace tbench
