#include "analysis/verdicts/agreement.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>

#include "analysis/read/trials.h"
#include "analysis/statistics/statistics.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {

std::optional<AgreementVerdict> Agreement(const std::vector<Record>& records) {
  std::vector<double> medians;
  for (const Record& record : records) {
    const std::vector<double> times = TimesUs(record);
    const std::size_t cold = record.c.warmups == 0 ? 1 : 0;
    if (!record.error && times.size() > cold) medians.push_back(Median(std::span(times).subspan(cold)));
  }
  if (medians.size() < 2) return std::nullopt;
  const auto [low, high] = std::ranges::minmax(medians);
  return AgreementVerdict{.low = low,
                          .high = high,
                          .disagree = high > low * (1 + kProcessSpread),
                          .sentence = fmt::format("{} to {} ms", Milliseconds(low), Milliseconds(high))};
}

}  // namespace tbench
