#include "model/spec/config.h"

#include <fmt/format.h>

#include <map>

#include "model/support/input_error.h"

namespace tbench {
namespace {

// Far above any model, and small enough that no product of two of them overflows.
constexpr std::int64_t kLargestField = std::int64_t{1} << 31;
// 16 bytes a parameter in training must still be countable in 63 bits.
constexpr double kMaxParameters = 0x1p58;

void RequireKey(const std::string& name) {
  std::vector<std::string> names;
  for (const ModelKey& key : ModelKeys()) names.emplace_back(key.name);
  if (std::ranges::find(names, name) == names.end()) throw UnknownValue("model field", name, names);
}

void RequireValid(const ModelConfig& m, std::string_view text) {
  if (m.d_model % m.heads != 0) {
    throw InputError(fmt::format("model '{}': {} heads do not divide d_model {}", text, m.heads, m.d_model));
  }
  if (m.head_size() % 2 != 0) {
    throw InputError(
        fmt::format("model '{}': the head size d_model/heads = {} is odd; RoPE needs pairs", text, m.head_size()));
  }
  const auto [v, d, f, l] = std::array<double, 4>{double(m.vocab), double(m.d_model), double(m.d_ff), double(m.layers)};
  if (2 * v * d + l * (4 * d * d + 3 * d * f) > kMaxParameters) {
    throw InputError(fmt::format("model '{}': the number of parameters overflows", text));
  }
}

}  // namespace

std::string ToString(const ModelConfig& config) {
  std::string text;
  for (const ModelKey& key : ModelKeys()) {
    const std::int64_t value = key.get(config);
    if (key.absent != nullptr && value == key.absent(config)) continue;
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", key.name, value);
  }
  return text;
}

ModelConfig ParseModelConfig(std::string_view text) {
  std::map<std::string, std::int64_t> given;
  for (const std::string& element : SplitList(fmt::format("model '{}'", text), text)) {
    const std::size_t colon = element.find(':');
    const std::string key = element.substr(0, colon);
    RequireKey(key);
    if (colon == std::string::npos) throw InputError(fmt::format("model '{}': expected {}:NUMBER", text, key));
    const long long value = ParseInteger(key, std::string_view(element).substr(colon + 1), 1);
    if (value > kLargestField) throw InputError(fmt::format("model '{}': {} overflows, at most 2^31", text, key));
    if (!given.emplace(key, value).second) throw InputError(fmt::format("model '{}': {} is given twice", text, key));
  }
  ModelConfig config{};
  for (const ModelKey& key : ModelKeys()) {
    const auto found = given.find(std::string(key.name));
    if (found == given.end() && key.absent == nullptr) {
      throw InputError(fmt::format("model '{}': {} is missing", text, key.name));
    }
    key.set(config, found == given.end() ? key.absent(config) : found->second);
  }
  RequireValid(config, text);
  return config;
}

void RequireValidModelName(std::string_view name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const auto allowed = [&](char c) { return alphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  if (name.empty() || !alphanumeric(name.front()) || !std::ranges::all_of(name, allowed)) {
    throw InputError(fmt::format("model name '{}': expected [A-Za-z0-9][A-Za-z0-9_.-]*", name));
  }
  constexpr std::size_t kLongest = 64;
  if (name.size() > kLongest) {
    throw InputError(
        fmt::format("model name '{}...': {} characters; at most {}", name.substr(0, kLongest), name.size(), kLongest));
  }
}

NamedModel ParseNamedModel(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    throw InputError(fmt::format("--model '{}': expected NAME=vocab:V,d_model:D,d_ff:F,layers:L,heads:H", text));
  }
  const std::string_view name = text.substr(0, equals);
  RequireValidModelName(name);
  return {std::string(name), ParseModelConfig(text.substr(equals + 1))};
}

ModelTable::ModelTable() {
  for (const BuiltInModel& model : kBuiltInModels) Add({std::string(model.name), model.config});
}

void ModelTable::Add(const NamedModel& model) {
  const auto [place, is_new] = places_.emplace(model.name, models_.size());
  if (is_new) {
    models_.push_back(model);
  } else if (const ModelConfig& known = models_[place->second].config; known != model.config) {
    throw InputError(fmt::format("model '{}' is already {}, not {}: choose another name", model.name, ToString(known),
                                 ToString(model.config)));
  }
}

const ModelConfig& ModelTable::Find(std::string_view name) const {
  const auto found = places_.find(name);
  if (found != places_.end()) return models_[found->second].config;
  std::vector<std::string> names;
  for (const NamedModel& model : models_) names.push_back(model.name);
  throw UnknownValue("model", name, names);
}

}  // namespace tbench
