#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "analysis/charts/plot.h"
#include "analysis/verdicts/judged_case.h"

// What the charts of cases have in common.
namespace tbench {

// How a model looks in every chart of these cases.
struct ModelLook {
  std::string model;
  Ink ink;
  Mark mark;
};

// In the order in which the models come, failed cases too: what fails here need not fail elsewhere. Colours repeat
// after eight models, points after five, both together after forty.
std::vector<ModelLook> ModelLooks(const std::vector<JudgedCase>& cases);
const ModelLook& LookOf(const std::vector<ModelLook>& looks, const std::string& model);
// Names of at most that many characters.
std::vector<LegendEntry> Legend(const std::vector<ModelLook>& looks, const std::vector<std::string>& models,
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
using Groups = std::vector<std::pair<Key, std::vector<Value>>>;

template <class Key, class Value>
void AddToGroup(Groups<Key, Value>& groups, const Key& key, Value value) {
  auto found = std::ranges::find(groups, key, &std::pair<Key, std::vector<Value>>::first);
  if (found == groups.end()) found = groups.insert(groups.end(), {key, {}});
  found->second.push_back(std::move(value));
}

}  // namespace tbench
