#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/spec/qkv_layout.h"

namespace tbench {

// The five numbers of a decoder-only Transformer.
struct ModelConfig {
  std::int64_t vocab, d_model, d_ff, layers, heads;

  constexpr std::int64_t head_size() const { return d_model / heads; }
  constexpr QkvLayout qkv() const { return {.heads = heads, .head_size = head_size()}; }
  bool operator==(const ModelConfig&) const = default;
};

// RoPE rotates pairs of elements, so a head has an even number of them.
constexpr bool IsValid(const ModelConfig& m) {
  return m.vocab > 0 && m.d_model > 0 && m.d_ff > 0 && m.layers > 0 && m.heads > 0 && m.d_model % m.heads == 0 &&
         m.head_size() % 2 == 0;
}

// A name never changes meaning: results are compared by it.
struct NamedModel {
  std::string name;
  ModelConfig config;

  bool operator==(const NamedModel&) const = default;
};

struct BuiltInModel {
  std::string_view name;
  ModelConfig config;
};

inline constexpr std::array kBuiltInModels{
    BuiltInModel{"tiny", {10'000, 64, 256, 2, 2}},        BuiltInModel{"mini", {10'000, 256, 1024, 4, 4}},
    BuiltInModel{"small", {10'000, 768, 3072, 12, 12}},   BuiltInModel{"medium", {10'000, 1024, 4096, 24, 16}},
    BuiltInModel{"large", {10'000, 1280, 5120, 36, 20}},  BuiltInModel{"xl", {10'000, 1600, 6400, 48, 25}},
    BuiltInModel{"2.7B", {10'000, 2560, 10'240, 32, 32}},
};
static_assert(std::ranges::all_of(kBuiltInModels, [](const BuiltInModel& m) { return IsValid(m.config); }));

// One of a model's numbers in a text: "heads:12".
struct ModelKey {
  using Absent = std::int64_t (*)(const ModelConfig&);

  std::string_view name;
  std::int64_t (*get)(const ModelConfig&);
  void (*set)(ModelConfig&, std::int64_t);
  // What a text without it means, told by the keys before it: one that came later is printed only where its value is
  // another, so that texts keep their bytes for ever. Null: it is always in the text.
  Absent absent;
};

// Every key, in the order of a text.
std::span<const ModelKey> ModelKeys();

// "vocab:10000,d_model:768,d_ff:3072,layers:12,heads:12": the form of --model and of the JSON's context.
std::string ToString(const ModelConfig& config);

// The inverse of ToString, keys in any order. InputError where a key is missing, unknown or doubled, where the heads do
// not divide d_model, where a head's size is odd, and where the parameters overflow 63 bits.
ModelConfig ParseModelConfig(std::string_view text);

// InputError unless the name matches [A-Za-z0-9][A-Za-z0-9_.-]* and has at most 64 characters: it becomes a part of
// file names, and of every report.
void RequireValidModelName(std::string_view name);

// "mine=vocab:32000,…". Names match [A-Za-z0-9][A-Za-z0-9_.-]*; a built-in name may not be given another meaning.
NamedModel ParseNamedModel(std::string_view text);

// The built-in models and the user's own, in that order.
class ModelTable {
 public:
  ModelTable();

  // InputError if the name exists with other numbers.
  void Add(const NamedModel& model);
  // InputError, with the nearest match, if there is no such model.
  const ModelConfig& Find(std::string_view name) const;
  const std::vector<NamedModel>& models() const { return models_; }

 private:
  std::vector<NamedModel> models_;
  std::map<std::string, std::size_t, std::less<>> places_;  // in `models_`, by name
};

}  // namespace tbench
