#include "analysis/ceilings.h"

#include <algorithm>
#include <map>
#include <string_view>

#include "analysis/statistics.h"
#include "model/input_error.h"

namespace tbench {
namespace {

constexpr std::string_view kFamily = "ceiling/";

// The rows of one benchmark that were measured together.
struct Measurement {
  std::vector<double> times_us;
  std::map<std::string, std::vector<double>> counters;
};

// A benchmark and its measurements, by family_index: the first is that of the run's start.
struct Benchmark {
  std::string name;  // without what Google Benchmark appends
  std::map<std::int64_t, Measurement> measurements;
};

std::vector<std::string_view> Elements(std::string_view name) {
  std::vector<std::string_view> elements;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('/', begin), name.size());
    elements.push_back(name.substr(begin, end - begin));
    begin = end + 1;
  }
  return elements;
}

std::string WithoutSuffix(std::string_view name) { return std::string(name.substr(0, name.find("/iterations:"))); }

// "8192" of "ceiling/gemm/precision:fp32/size:8192" for "size"; empty where the name has no such element.
std::string Value(std::string_view name, std::string_view key) {
  for (const std::string_view element : Elements(name)) {
    if (element.starts_with(key) && element.substr(key.size()).starts_with(':')) {
      return std::string(element.substr(key.size() + 1));
    }
  }
  return "";
}

std::optional<Precision> PrecisionOf(const std::string& name) {
  const Axis& precision = *std::ranges::find(Axes(), "precision", &Axis::key);
  try {
    Case c;
    precision.parse(Value(name, "precision"), c);
    return c.precision;
  } catch (const InputError&) {  // of a later version
    return std::nullopt;
  }
}

std::optional<std::int64_t> NumberOf(const std::string& name, const std::string& key) {
  try {
    return ParseInteger(key, Value(name, key), 1);
  } catch (const InputError&) {
    return std::nullopt;
  }
}

std::vector<Benchmark> BenchmarksOf(const RunFile& run) {
  std::vector<Benchmark> benchmarks;
  for (const Row& row : run.rows) {
    if (!row.name.starts_with(kFamily) || row.error || !row.real_time_us) continue;
    const std::string name = WithoutSuffix(row.name);
    auto benchmark = std::ranges::find(benchmarks, name, &Benchmark::name);
    if (benchmark == benchmarks.end()) {
      benchmarks.push_back({.name = name, .measurements = {}});
      benchmark = std::prev(benchmarks.end());
    }
    Measurement& measurement = benchmark->measurements[row.family_index];
    measurement.times_us.push_back(*row.real_time_us);
    for (const auto& [key, value] : row.counters) measurement.counters[key].push_back(value);
  }
  return benchmarks;
}

std::optional<double> MedianOf(const Measurement& measurement, const std::string& counter) {
  const auto values = measurement.counters.find(counter);
  if (values == measurement.counters.end()) return std::nullopt;
  return Quantile(values->second, 0.5);
}

// What a measurement says in units of work a second; nothing for a benchmark that nobody knows.
std::optional<double> Rate(const std::string& name, const Measurement& measurement) {
  if (name.starts_with("ceiling/gemm/")) return MedianOf(measurement, "flops_per_second");
  if (name.starts_with("ceiling/copy/")) return MedianOf(measurement, "bytes_per_second");
  if (name == "ceiling/launch") return 1e6 / Quantile(measurement.times_us, 0.5);
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
  for (const auto& [family, measurement] : benchmark.measurements) {
    KeepHighest(highest, Rate(benchmark.name, measurement));
  }
  return highest;
}

std::optional<GemmFigure> GemmOf(const Benchmark& benchmark) {
  if (!benchmark.name.starts_with("ceiling/gemm/")) return std::nullopt;
  const std::optional<Precision> precision = PrecisionOf(benchmark.name);
  const std::optional<std::int64_t> size = NumberOf(benchmark.name, "size");
  const std::optional<double> rate = HighestRate(benchmark);
  if (!precision || !size || !rate) return std::nullopt;
  return GemmFigure{.precision = *precision, .size = *size, .flops_per_second = *rate};
}

std::optional<CopyFigure> CopyOf(const Benchmark& benchmark) {
  if (!benchmark.name.starts_with("ceiling/copy/")) return std::nullopt;
  const std::optional<std::int64_t> bytes = NumberOf(benchmark.name, "bytes");
  const std::optional<double> rate = HighestRate(benchmark);
  if (!bytes || !rate) return std::nullopt;
  return CopyFigure{.bytes = *bytes, .bytes_per_second = *rate};
}

std::optional<CeilingDrift> DriftOf(const Benchmark& benchmark) {
  if (benchmark.measurements.size() < 2) return std::nullopt;
  const std::optional<double> first = Rate(benchmark.name, benchmark.measurements.begin()->second);
  const std::optional<double> last = Rate(benchmark.name, benchmark.measurements.rbegin()->second);
  if (!first || !last || *first <= 0) return std::nullopt;
  return CeilingDrift{.name = benchmark.name, .first = *first, .last = *last, .share = *last / *first - 1};
}

void AddLaunch(const Benchmark& benchmark, Ceilings& ceilings) {
  for (const auto& [family, measurement] : benchmark.measurements) {
    KeepLowest(ceilings.launch_us, Quantile(measurement.times_us, 0.5));
    KeepLowest(ceilings.launch_enqueue_us, MedianOf(measurement, "enqueue_us"));
    KeepLowest(ceilings.timer_bias_us, MedianOf(measurement, "trial_us"));
  }
}

}  // namespace

Ceilings ToCeilings(const RunFile& run) {
  Ceilings ceilings;
  for (const Benchmark& benchmark : BenchmarksOf(run)) {
    if (const auto gemm = GemmOf(benchmark)) ceilings.gemm.push_back(*gemm);
    if (const auto copy = CopyOf(benchmark)) ceilings.copies.push_back(*copy);
    if (benchmark.name == "ceiling/launch") AddLaunch(benchmark, ceilings);
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
