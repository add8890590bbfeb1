#include "analysis/charts/chart_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <tuple>

#include "analysis/read/trials.h"
#include "analysis/verdicts/variant_axes.h"

namespace tbench {
namespace {

constexpr std::array kModelInks{Ink::kBlue, Ink::kOrange, Ink::kGreen, Ink::kPink,
                                Ink::kGold, Ink::kViolet, Ink::kTeal,  Ink::kRed};
constexpr std::array kModelMarks{Mark::kCircle, Mark::kSquare, Mark::kTriangle, Mark::kDiamond, Mark::kTriangleDown};

}  // namespace

CasePointers Drawn(const std::vector<JudgedCase>& cases) {
  CasePointers drawn;
  for (const JudgedCase& judged : cases) {
    if (!judged.record.error && !judged.record.trials.empty()) drawn.push_back(&judged);
  }
  std::ranges::stable_sort(drawn, {}, [](const JudgedCase* judged) {
    const Case& c = judged->record.c;
    return std::tuple(c.pass, FurtherValues(c), c.batch);
  });
  return drawn;
}

ModelLooks LooksOf(const std::vector<JudgedCase>& cases) {
  ModelLooks looks;
  for (const JudgedCase& judged : cases) {
    const std::size_t i = looks.size();
    looks.emplace(judged.record.c.model,
                  ModelLook{kModelInks[i % kModelInks.size()], kModelMarks[i % kModelMarks.size()]});
  }
  return looks;
}

std::vector<LegendEntry> Legend(const ModelLooks& looks, const std::vector<std::string>& models,
                                std::size_t characters) {
  std::vector<LegendEntry> legend;
  for (const std::string& model : models) {
    const ModelLook& look = looks.at(model);
    legend.push_back({Shortened(model, characters), look.ink, look.mark});
  }
  return legend;
}

std::vector<double> TimesMs(const JudgedCase& judged) {
  std::vector<double> times = TimesUs(judged.record);
  for (double& time : times) time /= 1000;
  return times;
}

double MedianMs(const JudgedCase& judged) { return MedianTimeUs(judged.record) / 1000; }

std::vector<std::size_t> DrawnTrials(const std::vector<double>& times) {
  std::vector<std::size_t> drawn;
  const std::size_t stretches = times.size() <= kMostDrawn ? times.size() : kMostDrawn / 2;
  for (std::size_t i = 0; i < stretches; ++i) {
    const auto at = [&](std::size_t stretch) {
      return times.begin() + std::ptrdiff_t(times.size() * stretch / stretches);
    };
    const auto [low, high] = std::minmax_element(at(i), at(i + 1));
    const auto [first, second] = std::minmax({low - times.begin(), high - times.begin()});
    drawn.push_back(std::size_t(first));
    if (second != first) drawn.push_back(std::size_t(second));
  }
  return drawn;
}

std::string HowManyAreDrawn(const CasePointers& cases) {
  std::size_t most = 0;
  for (const JudgedCase* judged : cases) most = std::max(most, judged->record.trials.size());
  return most <= kMostDrawn ? "" : fmt::format("at most {} of a case's {} trials", kMostDrawn, most);
}

PanelTitles::PanelTitles(const std::vector<JudgedCase>& all) {
  const auto differ = [&](const auto& value) {
    return std::ranges::any_of(
        all, [&](const JudgedCase& other) { return value(other.record.c) != value(all.front().record.c); });
  };
  for (const Axis& axis : FurtherAxes()) {
    if (differ(axis.print)) differing_.push_back(axis);
  }
  batches_differ_ = differ([](const Case& c) { return c.batch; });
}

std::string PanelTitles::Of(const JudgedCase& judged) const {
  const Case& c = judged.record.c;
  std::string title = NameOf(c.pass);
  for (const Axis& axis : differing_) title += ", " + ValueInWords(axis, c);
  if (batches_differ_) title += fmt::format(", batch {}", c.batch);
  return title;
}

}  // namespace tbench
