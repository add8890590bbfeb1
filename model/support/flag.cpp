#include "model/support/flag.h"

namespace tbench {

Flag TextFlag(const std::string& name, const std::string& metavar, std::string& target, const std::string& help) {
  return {
      .name = name, .metavar = metavar, .help = help, .read = [&target](const std::string& text) { target = text; }};
}

Flag ListFlag(const std::string& name, const std::string& metavar, std::vector<std::string>& target,
              const std::string& help) {
  const auto add = [&target](const std::string& text) { target.push_back(text); };
  return {.name = name, .metavar = metavar, .help = help, .read = add, .repeatable = true};
}

Flag SwitchFlag(const std::string& name, bool& target, const std::string& help) {
  return {.name = name, .metavar = "", .help = help, .read = [&target](const std::string&) { target = true; }};
}

}  // namespace tbench
