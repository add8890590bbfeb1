#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "analysis/document.h"
#include "analysis/plot.h"
#include "analysis/record.h"

// What the charts of records have in common.
namespace tbench {

// How a model looks in every chart of these records.
struct ModelLook {
  std::string model;
  Ink ink;
  PointType point;
};

// From the smallest model to the largest. Colours and points repeat after eight and five models, together after forty.
std::vector<ModelLook> ModelLooks(const std::vector<Record>& records);
const ModelLook& LookOf(const std::vector<ModelLook>& looks, const std::string& model);
std::vector<LegendEntry> Legend(const std::vector<ModelLook>& looks, const std::vector<std::string>& models);

// Those that did not fail, in the order of the charts: by pass and variant, then by the model's size, context and
// warm-ups.
std::vector<const Record*> Drawn(const std::vector<Record>& records);

std::vector<double> Times(const Record& record, double unit_us);
double MedianMilliseconds(const Record& record);

// Of those that differ in warm-ups alone, the one with the most.
std::vector<const Record*> MostWarmedUp(const std::vector<const Record*>& records);

// The pass, and the variant's values: "forward_backward, bf16, sdpa".
std::string PanelTitle(const Record& record, const std::vector<Record>& all);

// "trials-2-7b-forward": lower case, digits and hyphens.
std::string Slug(std::string_view text);

// Values in groups of one key, both in the order in which they come.
template <class Key, class Value>
using Groups = std::vector<std::pair<Key, std::vector<Value>>>;

template <class Key, class Value>
void AddToGroup(Groups<Key, Value>& groups, const Key& key, Value value) {
  auto found = std::ranges::find(groups, key, &std::pair<Key, std::vector<Value>>::first);
  if (found == groups.end()) found = groups.insert(groups.end(), {key, {}});
  found->second.push_back(std::move(value));
}

// The chart that this plot is; `name` begins the name of its file.
Chart ToChart(const Plot& plot, const std::string& name, const std::string& alt);

// "12.5 ms", three digits.
std::string MillisecondsText(double milliseconds);

}  // namespace tbench
