#include "benchmarks/names/name_elements.h"

#include <fmt/format.h>

namespace tbench {

std::string_view TakeElement(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view element = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return element;
}

bool IsNext(std::string_view key, std::string_view rest) {
  return rest.starts_with(key) && rest.substr(key.size()).starts_with(':');
}

std::string_view TakeValue(std::string_view name, std::string_view key, std::string_view& rest) {
  const std::string_view element = TakeElement(rest);
  const std::size_t colon = element.find(':');
  if (colon == std::string_view::npos || element.substr(0, colon) != key || colon + 1 == element.size()) {
    throw InputError(fmt::format("'{}': expected {}:VALUE, found '{}'", name, key, element));
  }
  return element.substr(colon + 1);
}

void RequireLibrarySuffix(std::string_view name, std::string_view rest) {
  while (!rest.empty()) {
    const std::string_view element = TakeElement(rest);
    if (element.starts_with("iterations:") || element.starts_with("repeats:") || element == "manual_time") continue;
    throw InputError(fmt::format("'{}': '{}' is no axis", name, element));
  }
}

}  // namespace tbench
