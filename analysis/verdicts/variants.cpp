#include "analysis/verdicts/variants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "analysis/read/trials.h"
#include "analysis/verdicts/thresholds.h"
#include "analysis/verdicts/variant_axes.h"
#include "benchmarks/names/peer.h"

namespace tbench {
namespace {

// Both are what to sort by.
using StepKey = std::tuple<std::int64_t, std::string, std::int64_t, Pass, std::int64_t>;
using VariantKey = std::tuple<Precision, std::ptrdiff_t, std::vector<AxisValue>>;  // a peer is behind the others

StepKey StepOf(const Record& record) {
  const Case& c = record.c;
  return {record.config.d_model, c.model, c.context, c.pass, c.batch};
}

bool IsPeer(const Record& record) { return !record.implementation.empty(); }

VariantKey VariantOf(const Record& record) {
  const std::vector<std::string> peers = PeerImplementations();
  const std::ptrdiff_t peer =
      IsPeer(record) ? 1 + (std::ranges::find(peers, record.implementation) - peers.begin()) : 0;
  return {record.c.precision, peer, FurtherValues(record.c)};
}

std::string VariantName(const Record& record) {
  std::vector<std::string> words;
  if (IsPeer(record)) words = {NameOf(record.c.precision), "PyTorch", record.implementation};
  for (const Axis& axis : FurtherAxes()) {
    const bool says_nothing = axis.is_later() ? axis.print(record.c) == axis.absent : IsPeer(record);
    if (!says_nothing) words.push_back(ValueInWords(axis, record.c));
  }
  return fmt::format("{}", fmt::join(words, " "));
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

bool IsGoodPeer(const Record& record) { return IsPeer(record) && !record.error; }

// "small at 128, forward".
std::string StepInWords(const Case& c) { return fmt::format("{} at {}, {}", c.model, c.context, NameOf(c.pass)); }

// One sentence for the steps that something is to be said of, the first of which is named.
std::string OfSteps(const std::vector<std::string>& steps, const std::string& what) {
  if (steps.size() == 1) return fmt::format("{}: {}.", what, steps.front());
  return fmt::format("{} in {} steps, such as {}.", what, steps.size(), steps.front());
}

void AddRatiosToPeers(Variants& variants) {
  std::map<Precision, double> fastest_us;
  for (const Variant& variant : variants) {
    const Record& record = variant.judged.record;
    if (!IsGoodPeer(record)) continue;
    const double median_us = MedianTimeUs(record);
    const auto [kept, is_first] = fastest_us.emplace(record.c.precision, median_us);
    if (!is_first) kept->second = std::min(kept->second, median_us);
  }
  for (Variant& variant : variants) {
    const Record& record = variant.judged.record;
    const Precision precision = TraitsOf(record.c.precision).compared;
    const auto peer = fastest_us.find(precision);
    if (IsPeer(record) || record.error || peer == fastest_us.end()) continue;
    variant.over_peer = peer->second / MedianTimeUs(record);
  }
}

}  // namespace

std::vector<Variants> SideBySide(const std::vector<JudgedCase>& cases, const std::vector<JudgedCase>& peers) {
  std::map<StepKey, std::map<VariantKey, const JudgedCase*>> steps;
  for (const std::vector<JudgedCase>* const some : {&cases, &peers}) {
    for (const JudgedCase& judged : *some) {
      const JudgedCase*& kept = steps[StepOf(judged.record)][VariantOf(judged.record)];
      if (kept == nullptr || SaysMore(judged.record, kept->record)) kept = &judged;
    }
  }
  std::vector<Variants> side_by_side;
  for (const auto& [step, by_variant] : steps) {
    if (by_variant.size() < 2 && !IsPeer(by_variant.begin()->second->record)) continue;
    Variants& variants = side_by_side.emplace_back();
    for (const auto& [place, judged] : by_variant) {
      variants.push_back({.name = VariantName(judged->record), .judged = *judged, .speed_up = {}, .over_peer = {}});
    }
    AddSpeedUps(variants);
    AddRatiosToPeers(variants);
  }
  return side_by_side;
}

std::vector<std::string> PeerRemarks(const std::vector<Variants>& steps, bool strongest_runs_here) {
  std::map<std::string, std::vector<std::string>> slower;  // by variant
  const std::vector<std::string> strongest = StrongestPeerImplementations();
  std::vector<std::string> without_strongest;
  for (const Variants& step : steps) {
    std::map<Precision, double> eager_us;
    std::map<Precision, std::size_t> strongest_measured;
    for (const Variant& variant : step) {
      const Record& record = variant.judged.record;
      if (!IsGoodPeer(record)) continue;
      if (record.implementation == "eager") eager_us[record.c.precision] = MedianTimeUs(record);
      strongest_measured[record.c.precision] += std::size_t(std::ranges::count(strongest, record.implementation));
    }
    for (const Variant& variant : step) {
      const Record& record = variant.judged.record;
      const auto eager = eager_us.find(record.c.precision);
      if (!IsGoodPeer(record) || eager == eager_us.end()) continue;
      const double ratio = MedianTimeUs(record) / eager->second;
      if (ratio <= 1 + kPeerTolerance) continue;
      slower[variant.name].push_back(fmt::format("{} ({:.2f} times)", StepInWords(record.c), ratio));
    }
    for (const auto& [precision, measured] : strongest_measured) {
      if (measured < strongest.size()) without_strongest.push_back(StepInWords(step.front().judged.record.c));
    }
  }
  std::vector<std::string> remarks;
  for (const auto& [variant, of] : slower) {
    remarks.push_back(OfSteps(of, fmt::format("`{}` is slower than `eager`", variant)));
  }
  if (strongest_runs_here && !without_strongest.empty()) {
    remarks.push_back(
        OfSteps(without_strongest,
                fmt::format("The strongest peers, `{}`, were not all measured, so `over peer` is an upper bound",
                            fmt::join(strongest, "` and `"))));
  }
  return remarks;
}

}  // namespace tbench
