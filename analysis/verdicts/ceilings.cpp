#include "analysis/verdicts/ceilings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "analysis/statistics/statistics.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/counters.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

// The rows of one benchmark that were measured together.
struct Measurement {
  std::vector<double> times_us;
  std::map<std::string, std::vector<double>> counters;
};

// A ceiling and its measurements: the first is that of the run's start. In files of before the names told, that is the
// smaller family_index.
struct Benchmark {
  Ceiling ceiling;
  std::map<std::pair<Ceiling::Moment, std::int64_t>, Measurement> measurements;
};

// Nothing for a row of another family, or of a ceiling of a later version.
std::optional<Ceiling> CeilingOf(const Row& row) {
  if (!row.name.starts_with(kCeilingFamily)) return std::nullopt;  // an exception takes longer, and rows are many
  try {
    return ParseCeilingName(row.name);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::vector<Benchmark> BenchmarksOf(const RunFile& run) {
  std::vector<Benchmark> benchmarks;
  std::map<std::string, std::size_t> index;
  for (const Row& row : run.rows) {
    std::optional<Ceiling> ceiling = CeilingOf(row);
    if (!ceiling || row.error || !row.real_time_us) continue;
    const auto moment = std::exchange(ceiling->moment, Ceiling::Moment::kStart);
    const auto [at, is_new] = index.emplace(CeilingName(*ceiling), benchmarks.size());
    if (is_new) benchmarks.push_back({.ceiling = *ceiling, .measurements = {}});
    Measurement& measurement = benchmarks[at->second].measurements[{moment, row.family_index}];
    measurement.times_us.push_back(*row.real_time_us);
    for (const auto& [key, value] : row.counters) measurement.counters[key].push_back(value);
  }
  return benchmarks;
}

std::optional<double> MedianOf(const Measurement& measurement, const std::string& counter) {
  const auto values = measurement.counters.find(counter);
  if (values == measurement.counters.end()) return std::nullopt;
  return Median(values->second);
}

// What a measurement says in units of work a second.
std::optional<double> Rate(const Ceiling& ceiling, const Measurement& measurement) {
  switch (ceiling.kind) {
    case Ceiling::Kind::kGemm:
      return MedianOf(measurement, counters::kFlopsPerSecond);
    case Ceiling::Kind::kCopy:
      return MedianOf(measurement, counters::kBytesPerSecond);
    case Ceiling::Kind::kLaunch:
      return 1e6 / Median(measurement.times_us);
  }
  return std::nullopt;
}

void KeepHighest(std::optional<double>& kept, std::optional<double> value) {
  if (value && (!kept || *value > *kept)) kept = value;
}

void KeepLowest(std::optional<double>& kept, std::optional<double> value) {
  if (value && (!kept || *value < *kept)) kept = value;
}

std::optional<double> HighestRate(const Benchmark& benchmark) {
  std::optional<double> highest;
  for (const auto& [when, measurement] : benchmark.measurements) {
    KeepHighest(highest, Rate(benchmark.ceiling, measurement));
  }
  return highest;
}

std::optional<CeilingDrift> DriftOf(const Benchmark& benchmark) {
  if (benchmark.measurements.size() != 2) return std::nullopt;
  const std::optional<double> first = Rate(benchmark.ceiling, benchmark.measurements.begin()->second);
  const std::optional<double> last = Rate(benchmark.ceiling, benchmark.measurements.rbegin()->second);
  if (!first || !last || *first <= 0) return std::nullopt;
  return CeilingDrift{
      .name = CeilingName(benchmark.ceiling), .first = *first, .last = *last, .share = *last / *first - 1};
}

void AddLaunch(const Benchmark& benchmark, Ceilings& ceilings) {
  for (const auto& [when, measurement] : benchmark.measurements) {
    KeepLowest(ceilings.launch_us, Median(measurement.times_us));
    KeepLowest(ceilings.launch_enqueue_us, MedianOf(measurement, counters::kEnqueue));
    KeepLowest(ceilings.timer_bias_us, MedianOf(measurement, counters::kTrial));
  }
}

}  // namespace

Ceilings ToCeilings(const RunFile& run) {
  Ceilings ceilings;
  for (const Row& row : run.rows) {
    const std::optional<Ceiling> ceiling = row.error ? CeilingOf(row) : std::nullopt;
    if (ceiling) ceilings.failures.emplace(CeilingName(*ceiling), *row.error);
  }
  for (const Benchmark& benchmark : BenchmarksOf(run)) {
    const auto& [kind, precision, size, moment] = benchmark.ceiling;
    const std::optional<double> rate = HighestRate(benchmark);
    if (kind == Ceiling::Kind::kGemm && rate) ceilings.gemm.push_back({precision, size, *rate});
    if (kind == Ceiling::Kind::kCopy && rate) ceilings.copies.push_back({size, *rate});
    if (kind == Ceiling::Kind::kLaunch) AddLaunch(benchmark, ceilings);
    if (const auto drift = DriftOf(benchmark)) ceilings.drifts.push_back(*drift);
  }
  for (const CopyFigure& copy : ceilings.copies) KeepHighest(ceilings.copy_bytes_per_second, copy.bytes_per_second);
  std::ranges::sort(ceilings.copies, {}, &CopyFigure::bytes);
  std::ranges::sort(ceilings.gemm, {}, [](const GemmFigure& g) { return std::pair(g.precision, g.size); });
  return ceilings;
}

std::optional<GemmFigure> GemmCeiling(const Ceilings& ceilings, Precision precision) {
  std::optional<GemmFigure> highest;
  for (const GemmFigure& figure : ceilings.gemm) {
    if (figure.precision != precision) continue;
    if (!highest || figure.flops_per_second > highest->flops_per_second) highest = figure;
  }
  return highest;
}

}  // namespace tbench
