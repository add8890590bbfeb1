#include "analysis/report/variant_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"

namespace tbench {
namespace {

using Cell = std::function<std::string(const Variant&)>;

const Case& CaseOf(const Variant& variant) { return variant.judged.record.c; }

std::string IfAny(const std::optional<double>& ratio) { return ratio ? Ratio(*ratio) : ""; }

std::string MedianCell(const Variant& variant) {
  const Record& record = variant.judged.record;
  return record.error ? ErrorInWords(*record.error) : Milliseconds(MedianTimeUs(record));
}

// A cell of the throughput; empty for a failed case.
Cell OfThroughput(std::string (*print)(const ThroughputVerdict&)) {
  return [print](const Variant& variant) {
    return variant.judged.throughput ? print(*variant.judged.throughput) : std::string();
  };
}

Cell OfRoofline(std::optional<double> RooflineVerdict::*times) {
  return [times](const Variant& variant) {
    return variant.judged.roofline ? IfAny((*variant.judged.roofline).*times) : std::string();
  };
}

// What of the executed FLOPs causality needs.
double UsefulShare(const ThroughputVerdict& throughput) { return throughput.causal_flops / throughput.step_flops; }

std::string TokensPerSecond(const ThroughputVerdict& t) { return fmt::format("{:.0f}", t.tokens_per_second); }

std::string UsefulTera(const ThroughputVerdict& t) { return Digits(UsefulShare(t) * t.flops_per_second * 1e-12); }

std::string ModelFlopsUtilization(const ThroughputVerdict& t) {
  return t.of_peak ? Percent(UsefulShare(t) * *t.of_peak) : std::string();
}

std::vector<Column<Variant>> ColumnsOf(const std::vector<Variants>& steps) {
  std::vector<Column<Variant>> columns{
      {"model", Align::kLeft, [](const Variant& v) { return CaseOf(v).model; }},
      {"context", Align::kDecimal, [](const Variant& v) { return std::to_string(CaseOf(v).context); }}};
  const auto batch = [](const Variants& step) { return CaseOf(step.front()).batch; };
  if (std::ranges::any_of(steps, [&](const Variants& step) { return batch(step) != batch(steps.front()); })) {
    columns.push_back({"batch", Align::kDecimal, [](const Variant& v) { return std::to_string(CaseOf(v).batch); }});
  }
  columns.insert(columns.end(),
                 {{"variant", Align::kLeft, [](const Variant& v) { return v.name; }},
                  {"backend", Align::kLeft, [](const Variant& v) { return AttentionBackendOf(v.judged.record); }},
                  {"median ms", Align::kDecimal, MedianCell},
                  {"speed-up", Align::kDecimal, [](const Variant& v) { return IfAny(v.speed_up); }},
                  {"over peer", Align::kDecimal, [](const Variant& v) { return IfAny(v.over_peer); }},
                  {"tokens/s", Align::kDecimal, OfThroughput(TokensPerSecond)},
                  {"TFLOP/s", Align::kDecimal, OfThroughput(UsefulTera)},
                  {"MFU", Align::kLeft, OfThroughput(ModelFlopsUtilization)},
                  {"× roofline", Align::kDecimal, OfRoofline(&RooflineVerdict::times_roofline)},
                  {"× own roofline", Align::kDecimal, OfRoofline(&RooflineVerdict::times_own_roofline)}});
  return columns;
}

}  // namespace

Table VariantTable(const std::vector<Variants>& steps) {
  std::vector<Variant> rows;
  for (const Variants& step : steps) rows.insert(rows.end(), step.begin(), step.end());
  return WithoutEmptyColumns(MakeTable(ColumnsOf(steps), rows));
}

}  // namespace tbench
