#include "analysis/verdicts/variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>
#include <tuple>

#include "analysis/further_axes.h"
#include "analysis/trials.h"

namespace tbench {
namespace {

// Both are what to sort by.
using StepKey = std::tuple<std::int64_t, std::string, std::int64_t, Pass, std::int64_t>;
using VariantKey = std::vector<std::ptrdiff_t>;

StepKey StepOf(const Record& record) {
  const Case& c = record.c;
  return {record.config.d_model, c.model, c.context, c.pass, c.batch};
}

std::string VariantName(const Record& record) {
  std::vector<std::string> values;
  for (const Axis& axis : FurtherAxes()) values.push_back(axis.print(record.c));
  return fmt::format("{}", fmt::join(values, " "));
}

bool SaysMore(const Record& record, const Record& than) {
  return std::tuple(!record.error, record.c.warmups) > std::tuple(!than.error, than.c.warmups);
}

void AddSpeedUps(Variants& variants) {
  std::optional<double> baseline_us;
  for (Variant& variant : variants) {
    if (variant.judged.record.error) continue;
    const double median_us = MedianTimeUs(variant.judged.record);
    if (!baseline_us) baseline_us = median_us;
    variant.speed_up = *baseline_us / median_us;
  }
}

}  // namespace

std::vector<Variants> SideBySide(const std::vector<JudgedCase>& cases) {
  std::map<StepKey, std::map<VariantKey, const JudgedCase*>> steps;
  for (const JudgedCase& judged : cases) {
    const JudgedCase*& kept = steps[StepOf(judged.record)][FurtherPlaces(judged.record.c)];
    if (kept == nullptr || SaysMore(judged.record, kept->record)) kept = &judged;
  }
  std::vector<Variants> side_by_side;
  for (const auto& [step, by_variant] : steps) {
    if (by_variant.size() < 2) continue;
    Variants& variants = side_by_side.emplace_back();
    for (const auto& [place, judged] : by_variant) {
      variants.push_back({.name = VariantName(judged->record), .judged = *judged, .speed_up = {}});
    }
    AddSpeedUps(variants);
  }
  return side_by_side;
}

}  // namespace tbench
