#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "analysis/charts/plot.h"
#include "analysis/verdicts/judged_case.h"

// What the charts of cases have in common.
namespace tbench {

// How a model looks in every chart of these cases.
struct ModelLook {
  Ink ink;
  Mark mark;
};
using ModelLooks = std::map<std::string, ModelLook>;

// In the order in which the models come, failed cases too: what fails here need not fail elsewhere. Colours repeat
// after eight models, points after five, both together after forty.
ModelLooks LooksOf(const std::vector<JudgedCase>& cases);
// Names of at most that many characters.
std::vector<LegendEntry> Legend(const ModelLooks& looks, const std::vector<std::string>& models,
                                std::size_t characters);

using CasePointers = std::vector<const JudgedCase*>;

// Those that did not fail, by pass and variant; within one in the order in which they come.
CasePointers Drawn(const std::vector<JudgedCase>& cases);

std::vector<double> TimesMs(const JudgedCase& judged);
double MedianMs(const JudgedCase& judged);

// The pass, and the variant's values: "forward_backward, bf16, sdpa". What differs among all cases is found once.
class PanelTitles {
 public:
  explicit PanelTitles(const std::vector<JudgedCase>& all);
  std::string Of(const JudgedCase& judged) const;

 private:
  std::vector<Axis> differing_;
  bool batches_differ_;
};

// Values in groups of one key, both in the order in which they come.
template <class Key, class Value>
class Groups {
 public:
  void Add(const Key& key, Value value) {
    const auto [place, is_new] = places_.emplace(key, groups_.size());
    if (is_new) groups_.emplace_back(key, std::vector<Value>());
    groups_[place->second].second.push_back(std::move(value));
  }
  auto begin() const { return groups_.begin(); }
  auto end() const { return groups_.end(); }

 private:
  std::vector<std::pair<Key, std::vector<Value>>> groups_;
  std::map<Key, std::size_t> places_;
};

// Parts of at most that many, in their order.
template <class Value>
std::vector<std::vector<Value>> InParts(const std::vector<Value>& all, std::size_t most) {
  std::vector<std::vector<Value>> parts;
  for (const Value& value : all) {
    if (parts.empty() || parts.back().size() == most) parts.emplace_back();
    parts.back().push_back(value);
  }
  return parts;
}

// Trials of one case that a chart draws at most.
inline constexpr std::size_t kMostDrawn = 200;

// Which of a case's trials a chart draws: all, or of more than kMostDrawn the lowest and the highest of each of as many
// stretches as there is room for, so that a reader sees how far they reach everywhere.
std::vector<std::size_t> DrawnTrials(const std::vector<double>& times);

// "at most 200 of a case's 20000 trials"; empty where all are drawn.
std::string HowManyAreDrawn(const CasePointers& cases);

}  // namespace tbench
