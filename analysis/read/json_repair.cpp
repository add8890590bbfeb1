#include "analysis/read/json_repair.h"

#include <array>

namespace tbench {
namespace {

// The position after the string that begins at `quote`, or npos if it does not end.
std::size_t EndOfString(std::string_view text, std::size_t quote) {
  for (std::size_t i = quote + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return std::string_view::npos;
}

// The position after the object that begins at `brace`, or npos if it does not end.
std::size_t EndOfObject(std::string_view text, std::size_t brace) {
  std::size_t depth = 0;
  for (std::size_t i = brace; i < text.size();) {
    if (text[i] == '"') {
      i = EndOfString(text, i);
      if (i == std::string_view::npos) return i;
      continue;
    }
    if (text[i] == '{') ++depth;
    if (text[i] == '}' && --depth == 0) return i + 1;
    ++i;
  }
  return std::string_view::npos;
}

// The position after `"key" :`, at whatever depth it comes first; npos if nowhere.
std::size_t AfterKey(std::string_view text, std::string_view key) {
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] != '"') {
      ++i;
      continue;
    }
    const std::size_t end = EndOfString(text, i);
    if (end == std::string_view::npos) return end;
    const std::size_t colon = text.find_first_not_of(" \t\r\n", end);
    if (text.substr(i + 1, end - i - 2) == key && colon != std::string_view::npos && text[colon] == ':') {
      return text.find_first_not_of(" \t\r\n", colon + 1);
    }
    i = end;
  }
  return std::string_view::npos;
}

}  // namespace

std::string WithoutBareNumbers(std::string_view text) {
  // Longest first: a sign belongs to what follows it.
  constexpr std::array<std::string_view, 4> kBare{"-Infinity", "Infinity", "-NaN", "NaN"};
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '"') {
      const std::size_t end = std::min(EndOfString(text, i), text.size());
      clean.append(text.substr(i, end - i));
      i = end;
      continue;
    }
    std::size_t bare = 0;
    for (const std::string_view word : kBare) {
      if (bare == 0 && text.substr(i).starts_with(word)) bare = word.size();
    }
    if (bare == 0) {
      clean += text[i++];
    } else {
      clean += "null";
      i += bare;
    }
  }
  return clean;
}

std::string_view ObjectAfterKey(std::string_view text, std::string_view key) {
  const std::size_t begin = AfterKey(text, key);
  if (begin == std::string_view::npos || text[begin] != '{') return {};
  const std::size_t end = EndOfObject(text, begin);
  return end == std::string_view::npos ? std::string_view{} : text.substr(begin, end - begin);
}

std::vector<std::string_view> ObjectsOfArray(std::string_view text, std::string_view key) {
  std::vector<std::string_view> objects;
  std::size_t i = AfterKey(text, key);
  if (i == std::string_view::npos || text[i] != '[') return objects;
  for (;;) {
    i = text.find_first_of("{]", i);
    if (i == std::string_view::npos || text[i] == ']') return objects;
    const std::size_t end = EndOfObject(text, i);
    if (end == std::string_view::npos) return objects;
    objects.push_back(text.substr(i, end - i));
    i = end;
  }
}

}  // namespace tbench
