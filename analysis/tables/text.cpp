#include "analysis/tables/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>

namespace tbench {
namespace {

struct Unit {
  double size;
  const char* name;
};

// In the largest unit that leaves at least 1.
template <std::size_t kUnits>
std::string InUnits(double value, const std::array<Unit, kUnits>& units) {
  for (const Unit& unit : units) {
    if (unit.size > 1 && std::abs(value) >= unit.size)
      return fmt::format("{} {}", Digits(value / unit.size), unit.name);
  }
  return fmt::format("{:.0f}{}{}", value, *units.back().name == '\0' ? "" : " ", units.back().name);
}

}  // namespace

std::string Digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 999.95 ? 0 : size >= 99.995 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4;
  return fmt::format("{:.{}f}", value, decimals);
}

std::string Milliseconds(double microseconds) { return Digits(microseconds / 1000); }

std::string Duration(double microseconds) {
  if (microseconds >= 1e6) return Digits(microseconds * 1e-6) + " s";
  if (microseconds >= 1e3) return Milliseconds(microseconds) + " ms";
  return Digits(microseconds) + " µs";
}

std::string Percent(double share) {
  const double percent = 100 * share;
  return fmt::format("{:.{}f} %", percent, std::abs(percent) < 9.95 ? 1 : 0);
}

std::string SignedPercent(double share) {
  return fmt::format("{}{:.1f} %", share < 0 ? "−" : "+", 100 * std::abs(share));
}

std::string Limit(double share) { return fmt::format("{:.4g} %", 100 * share); }

std::string Ratio(double ratio) { return fmt::format("{:.2f}", ratio); }

std::string Bytes(double bytes) {
  return InUnits(bytes, std::array<Unit, 5>{{{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}});
}

std::string Count(double count) { return InUnits(count, std::array<Unit, 3>{{{1e9, "B"}, {1e6, "M"}, {1, ""}}}); }

std::string Plural(std::size_t count, const std::string& noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : noun.ends_with('s') ? "es" : "s");
}

std::string FirstCharacters(const std::string& text, std::size_t count) {
  std::size_t end = 0, seen = 0;
  for (; end < text.size(); ++end) {
    seen += CharacterCount({&text[end], 1});
    if (seen > count) break;
  }
  return text.substr(0, end);
}

std::string Enumeration(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string Slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      slug += char(std::tolower(static_cast<unsigned char>(c)));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

std::size_t CharacterCount(std::string_view text) {
  return std::size_t(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string StepInWords(const Case& c) {
  std::string name;
  for (const Axis& axis : Axes()) {
    const std::string value = axis.print(c);
    if (axis.key == "model") {
      name += value;
    } else if (axis.key == "context" || axis.key == "pass") {
      name += ", " + value;
    } else if (axis.key != "warmups" && value != axis.defaults) {
      name += ", " + ValueInWords(axis, c);
    }
  }
  return name;
}

std::string CaseInWords(const Case& c) {
  return fmt::format("{}, {}", StepInWords(c), Plural(std::size_t(c.warmups), "warm-up"));
}

}  // namespace tbench
