#include "analysis/chart_parts.h"

#include <fmt/format.h>

#include <array>
#include <cctype>
#include <cmath>
#include <set>
#include <tuple>

#include "analysis/statistics.h"
#include "model/flops.h"

namespace tbench {
namespace {

constexpr std::array kModelInks{Ink::kBlue, Ink::kOrange, Ink::kGreen, Ink::kPink,
                                Ink::kGold, Ink::kViolet, Ink::kTeal,  Ink::kRed};
constexpr std::array kModelPoints{kCircle, kSquare, kTriangle, kDiamond, kTriangleDown};

// The axes that make a variant.
constexpr std::array<std::string_view, 5> kVariantAxes{"precision", "attention", "kernels", "launch", "batch"};

}  // namespace

std::vector<const Record*> Drawn(const std::vector<Record>& records) {
  std::vector<const Record*> drawn;
  for (const Record& record : records) {
    if (!record.error && !record.trials.empty()) drawn.push_back(&record);
  }
  std::ranges::stable_sort(drawn, {}, [](const Record* r) {
    return std::tuple(r->c.pass, r->c.precision, r->c.attention, r->c.kernels, r->c.launch, r->c.batch,
                      ParameterCount(r->config), r->c.model, r->c.context, r->c.warmups);
  });
  return drawn;
}

std::vector<ModelLook> ModelLooks(const std::vector<Record>& records) {
  std::set<std::pair<std::int64_t, std::string>>
      models;  // failed ones too: they may fail in one run and not in the next
  for (const Record& record : records) models.emplace(ParameterCount(record.config), record.c.model);
  std::vector<ModelLook> looks;
  for (const auto& [parameters, model] : models) {
    const std::size_t i = looks.size();
    looks.push_back({model, kModelInks[i % kModelInks.size()], kModelPoints[i % kModelPoints.size()]});
  }
  return looks;
}

const ModelLook& LookOf(const std::vector<ModelLook>& looks, const std::string& model) {
  return *std::ranges::find(looks, model, &ModelLook::model);
}

std::vector<LegendEntry> Legend(const std::vector<ModelLook>& looks, const std::vector<std::string>& models) {
  std::vector<LegendEntry> legend;
  for (const std::string& model : models) {
    const ModelLook& look = LookOf(looks, model);
    legend.push_back({Shortened(model, 24), look.ink, look.point});
  }
  return legend;
}

std::vector<double> Times(const Record& record, double unit_us) {
  std::vector<double> times;
  for (const TimedTrial& trial : record.trials) times.push_back(trial.time_us / unit_us);
  return times;
}

double MedianMilliseconds(const Record& record) { return Quantile(Times(record, 1000), 0.5); }

std::vector<const Record*> MostWarmedUp(const std::vector<const Record*>& records) {
  std::vector<std::pair<Case, const Record*>> chosen;
  for (const Record* record : records) {
    Case any_warmups = record->c;
    any_warmups.warmups = 0;
    const auto found = std::ranges::find(chosen, any_warmups, &std::pair<Case, const Record*>::first);
    if (found == chosen.end()) {
      chosen.emplace_back(any_warmups, record);
    } else if (found->second->c.warmups < record->c.warmups) {
      found->second = record;
    }
  }
  std::vector<const Record*> most;
  for (const auto& [c, record] : chosen) most.push_back(record);
  return most;
}

std::string PanelTitle(const Record& record, const std::vector<Record>& all) {
  std::string title;
  for (const Axis& axis : Axes()) {
    const bool is_variant = std::ranges::find(kVariantAxes, axis.key) != kVariantAxes.end();
    const auto differs = [&](const Record& other) { return axis.print(other.c) != axis.print(record.c); };
    if (axis.key == "pass") title = axis.print(record.c);
    if (!is_variant || std::ranges::none_of(all, differs)) continue;
    title += ", " + (axis.key == "batch" ? "batch " : std::string()) + axis.print(record.c);
  }
  return title;
}

std::string Slug(std::string_view text) {
  std::string slug;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      slug += char(std::tolower(static_cast<unsigned char>(c)));
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  while (!slug.empty() && slug.back() == '-') slug.pop_back();
  return slug;
}

Chart ToChart(const Plot& plot, const std::string& name, const std::string& alt) {
  return {.name = Slug(name),
          .title = plot.title,
          .alt = alt,
          .script = PlotScript(plot),
          .width = plot.width,
          .height = PlotHeight(plot)};
}

std::string MillisecondsText(double milliseconds) {
  if (milliseconds >= 100) return fmt::format("{:.0f} ms", milliseconds);
  return fmt::format("{:.3g} ms", milliseconds);
}

}  // namespace tbench
