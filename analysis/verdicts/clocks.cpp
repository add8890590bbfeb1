#include "analysis/verdicts/clocks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/launch_bound.h"
#include "analysis/verdicts/thresholds.h"
#include "benchmarks/names/counters.h"

namespace tbench {
namespace {

struct Reason {
  std::uint64_t bit;
  std::string_view name;
  bool throttles;
};

// nvmlClocksEventReasons of nvml.h.
constexpr std::uint64_t kIdle = 0x1;
constexpr std::array kReasons{
    Reason{kIdle, "idle", false},
    Reason{0x2, "application clocks", false},
    Reason{0x4, "software power cap", true},
    Reason{0x8, "hardware slowdown", true},
    Reason{0x10, "sync boost", true},
    Reason{0x20, "software thermal slowdown", true},
    Reason{0x40, "hardware thermal slowdown", true},
    Reason{0x80, "hardware power brake", true},
    Reason{0x100, "display clocks", true},
};

using Read = std::optional<double> (*)(const Record&, const std::string&);

GpuState StateOf(const Record& record, Read read, const counters::GpuStateNames& names) {
  // A counter that is a whole number. Files hold anything.
  const auto count = [&](const char* name) {
    const std::optional<double> value = read(record, name);
    return value && *value >= 0 && *value < 0x1p53 ? value : std::nullopt;
  };
  const std::optional<double> reasons = count(names.throttle_reasons);
  return {.sm_clock_mhz = read(record, names.sm_clock),
          .power_watts = read(record, names.power),
          .temperature_celsius = read(record, names.temperature),
          .throttle_reasons = reasons ? std::optional(std::uint64_t(*reasons)) : std::nullopt,
          .other_processes = count(names.other_processes)};
}

bool IsEmpty(const GpuState& state) {
  return !state.sm_clock_mhz && !state.power_watts && !state.temperature_celsius && !state.throttle_reasons &&
         !state.other_processes;
}

bool IsLow(const ClocksVerdict& verdict, const Record& record, const Machine& machine) {
  double trials_us = 0;
  for (const double us : TimesUs(record)) trials_us += us;
  const auto is_low = [&](const GpuState& state) {
    return state.sm_clock_mhz && machine.max_sm_clock_mhz &&
           *state.sm_clock_mhz < kLowClock * *machine.max_sm_clock_mhz &&
           (state.throttle_reasons.value_or(0) & kIdle) == 0;
  };
  if (trials_us < kLowClockUs || !is_low(verdict.before) || !is_low(verdict.after)) return false;
  const std::optional<LaunchVerdict> launch = LaunchBound(record, machine);
  return !launch || launch->bound != Bound::kLaunch;
}

std::string Sentence(const ClocksVerdict& verdict, const Machine& machine) {
  std::vector<std::string> parts;
  const std::string before = ThrottleReasons(verdict.before.throttle_reasons.value_or(0));
  const std::string after = ThrottleReasons(verdict.after.throttle_reasons.value_or(0));
  if (before == after && !before.empty()) {
    parts.push_back("before and after: " + before);
  } else {
    if (!before.empty()) parts.push_back("before: " + before);
    if (!after.empty()) parts.push_back("after: " + after);
  }
  if (verdict.clock_fell) {
    parts.push_back(
        fmt::format("SM clock from {:.0f} to {:.0f} MHz", *verdict.before.sm_clock_mhz, *verdict.after.sm_clock_mhz));
  } else if (verdict.clock_low) {
    parts.push_back(fmt::format("SM clock {:.0f} and {:.0f} of {:.0f} MHz", *verdict.before.sm_clock_mhz,
                                *verdict.after.sm_clock_mhz, *machine.max_sm_clock_mhz));
  }
  return fmt::format("{}", fmt::join(parts, "; "));
}

std::string Company(const ClocksVerdict& verdict) {
  const double most = std::max(verdict.before.other_processes.value_or(0), verdict.after.other_processes.value_or(0));
  return most > 0 ? Plural(std::size_t(most), "other process") : "";
}

}  // namespace

std::optional<ClocksVerdict> Clocks(const Record& record, const Machine& machine) {
  if (record.error) return std::nullopt;
  ClocksVerdict verdict{.before = StateOf(record, FirstOf, counters::kBefore),
                        .after = StateOf(record, LastOf, counters::kAfter),
                        .throttled = false,
                        .clock_fell = false,
                        .clock_low = false,
                        .shared = false,
                        .sentence = {},
                        .company = {}};
  const GpuState &before = verdict.before, &after = verdict.after;
  if (IsEmpty(before) && IsEmpty(after)) return std::nullopt;
  verdict.throttled =
      !ThrottleReasons(before.throttle_reasons.value_or(0) | after.throttle_reasons.value_or(0)).empty();
  verdict.clock_fell =
      before.sm_clock_mhz && after.sm_clock_mhz && *after.sm_clock_mhz <= *before.sm_clock_mhz * (1 - kClockDrop);
  verdict.clock_low = !verdict.throttled && IsLow(verdict, record, machine);
  verdict.sentence = Sentence(verdict, machine);
  verdict.company = Company(verdict);
  verdict.shared = !verdict.company.empty();
  return verdict;
}

std::string ThrottleReasons(std::uint64_t mask) {
  std::string names;
  const auto add = [&names](std::string_view name) { names.append(names.empty() ? "" : ", ").append(name); };
  for (const Reason& reason : kReasons) {
    if ((mask & reason.bit) != 0 && reason.throttles) add(reason.name);
    mask &= ~reason.bit;
  }
  if (mask != 0) add(fmt::format("unknown reason {:#x}", mask));
  return names;
}

}  // namespace tbench
