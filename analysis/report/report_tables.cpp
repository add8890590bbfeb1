#include "analysis/report/report_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/variant_axes.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/kernel_class.h"
#include "model/spec/work.h"

namespace tbench {
namespace {

using Cases = std::vector<JudgedCase>;

struct Column {
  std::string header;
  Align align;
  std::function<std::string(const JudgedCase&)> cell;
};

using Columns = std::vector<Column>;

template <class Value>
using Print = std::string (*)(Value);

std::string IfAny(const std::optional<double>& value, Print<double> print) { return value ? print(*value) : ""; }

std::string Whole(double value) { return fmt::format("{:.0f}", value); }

Column AxisColumn(std::string_view key, std::string header) {
  const Axis axis = AxisOf(key);
  return {std::move(header), axis.kind == AxisKind::kNumber ? Align::kDecimal : Align::kLeft,
          [axis](const JudgedCase& j) { return axis.print(j.record.c); }};
}

bool Differ(const Cases& cases, const Column& column) {
  return std::ranges::any_of(cases, [&](const JudgedCase& j) { return column.cell(j) != column.cell(cases.front()); });
}

// What tells the cases apart but for warm-ups.
Columns CaseColumns(const Cases& cases) {
  Columns columns{AxisColumn("model", "model"), AxisColumn("context", "context"), AxisColumn("pass", "pass")};
  Columns further;
  for (const Axis& axis : FurtherAxes()) further.push_back(AxisColumn(axis.key, std::string(axis.key)));
  further.push_back(AxisColumn("batch", "batch"));
  std::ranges::copy_if(further, std::back_inserter(columns), [&](const Column& c) { return Differ(cases, c); });
  return columns;
}

Columns CaseAndWarmUpColumns(const Cases& cases) {
  Columns columns = CaseColumns(cases);
  columns.push_back(AxisColumn("warmups", "warm-ups"));
  return columns;
}

Table MakeTable(const Cases& cases, Columns columns, const Columns& figures) {
  columns.insert(columns.end(), figures.begin(), figures.end());
  Table table;
  for (const Column& column : columns) table.columns.push_back({column.header, column.align});
  for (const JudgedCase& judged : cases) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    for (const Column& column : columns) cells.push_back(column.cell(judged));
  }
  return WithoutEmptyColumns(table);
}

Cases Only(const Cases& cases, const std::function<bool(const JudgedCase&)>& wanted) {
  Cases some;
  std::ranges::copy_if(cases, std::back_inserter(some), wanted);
  return some;
}

std::string FailureOf(const std::optional<std::string>& error) { return error ? ErrorInWords(*error) : ""; }

// A column of milliseconds from the median of a counter in µs.
Column PhaseColumn(const std::string& header, const std::string& counter) {
  return {header, Align::kDecimal,
          [counter](const JudgedCase& j) { return IfAny(MedianOf(j.record, counter), Milliseconds); }};
}

std::string ShareOfKernelTime(const Record& record, const std::string& counter) {
  double sum = 0;
  for (const KernelClass kernels : KernelClasses()) sum += LastOf(record, CounterOf(kernels)).value_or(0);
  const double time = LastOf(record, counter).value_or(0);
  return time > 0 && sum > 0 ? Percent(time / sum) : "";
}

// "345 → 1980"; one number where both are alike or the other is not known.
std::string BeforeAndAfter(std::optional<double> before, std::optional<double> after) {
  if (!before || !after) return IfAny(before ? before : after, Whole);
  if (Whole(*before) == Whole(*after)) return Whole(*after);
  return fmt::format("{} → {}", Whole(*before), Whole(*after));
}

Column StateColumn(const std::string& header, std::optional<double> GpuReading::*reading) {
  return {header, Align::kLeft, [reading](const JudgedCase& j) {
            return j.clocks ? BeforeAndAfter(j.clocks->before.*reading, j.clocks->after.*reading) : std::string();
          }};
}

std::string Throttling(const JudgedCase& judged) {
  if (!judged.clocks) return "";
  const auto &before = judged.clocks->before.throttle_reasons, &after = judged.clocks->after.throttle_reasons;
  if (!before && !after) return "no reading";
  const std::string reasons = ThrottleReasons(before.value_or(0) | after.value_or(0));
  return reasons.empty() ? "none" : reasons;
}

}  // namespace

Table FailedTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.record.error.has_value(); });
  return MakeTable(cases, CaseAndWarmUpColumns(cases),
                   {{"message", Align::kLeft, [](const JudgedCase& j) { return *j.record.error; }}});
}

Table ModelSizes(const Cases& all) {
  std::set<std::string> seen;
  const Cases models = Only(all, [&](const JudgedCase& j) { return seen.insert(j.record.c.model).second; });
  const auto number = [](const std::string& header, std::int64_t ModelConfig::*member) {
    return Column{header, Align::kDecimal,
                  [member](const JudgedCase& j) { return std::to_string(j.record.config.*member); }};
  };
  return MakeTable(
      models, {AxisColumn("model", "model")},
      {{"parameters", Align::kLeft, [](const JudgedCase& j) { return Count(double(ParameterCount(j.record.config))); }},
       {"FP32 weights", Align::kLeft,
        [](const JudgedCase& j) { return Bytes(double(WeightBytes(j.record.config, 4))); }},
       number("d_model", &ModelConfig::d_model),
       number("d_ff", &ModelConfig::d_ff),
       number("layers", &ModelConfig::layers),
       number("heads", &ModelConfig::heads),
       number("vocab", &ModelConfig::vocab)});
}

Table TimeTable(const Cases& cases) {
  const auto spread = [](std::string (*print)(const SpreadVerdict&)) {
    return [print](const JudgedCase& j) { return j.spread ? print(*j.spread) : std::string(); };
  };
  return MakeTable(cases, CaseAndWarmUpColumns(cases),
                   {{"median ms", Align::kDecimal,
                     [](const JudgedCase& j) {
                       return j.spread ? Milliseconds(j.spread->median.median) : FailureOf(j.record.error);
                     }},
                    {"interval", Align::kLeft, spread([](const SpreadVerdict& s) {
                       return fmt::format("{} to {}", Milliseconds(s.median.low), Milliseconds(s.median.high));
                     })},
                    {"mean ± deviation", Align::kLeft, spread([](const SpreadVerdict& s) {
                       return fmt::format("{} ± {}", Milliseconds(s.mean), Milliseconds(s.deviation));
                     })},
                    {"min to max", Align::kLeft, spread([](const SpreadVerdict& s) {
                       return fmt::format("{} to {}", Milliseconds(s.low), Milliseconds(s.high));
                     })}});
}

Table WarmUpTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.warm_up.has_value(); });
  const auto start = [](const JudgedCase& j) -> std::string {
    switch (j.warm_up->start) {
      case Start::kCold:
        return "yes";
      case Start::kNotCold:
        return "no";
      case Start::kUnknown:
        return "not known";
    }
    return "";
  };
  return MakeTable(
      cases, CaseColumns(cases),
      {{"first ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(j.record.trials.front().time_us); }},
       {"second ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(j.record.trials[1].time_us); }},
       {"steady ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(j.warm_up->steady_us); }},
       {"first costs ms", Align::kDecimal,
        [](const JudgedCase& j) { return Milliseconds(j.warm_up->first_step_cost_us); }},
       {"cold", Align::kLeft, start},
       {"warm-ups", Align::kLeft, [](const JudgedCase& j) { return j.warm_up->sentence; }}});
}

Table TrialTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.spread && !j.spread->sentence.empty(); });
  return MakeTable(
      cases, CaseAndWarmUpColumns(cases),
      {{"median ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(j.spread->median.median); }},
       {"what stands out", Align::kLeft, [](const JudgedCase& j) { return j.spread->sentence; }}});
}

Table UtilisationTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.throughput.has_value(); });
  return MakeTable(
      cases, CaseColumns(cases),
      {{"tokens/s", Align::kDecimal, [](const JudgedCase& j) { return Whole(j.throughput->tokens_per_second); }},
       {"TFLOP/s", Align::kDecimal, [](const JudgedCase& j) { return Digits(j.throughput->flops_per_second * 1e-12); }},
       {"of data sheet", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.throughput->of_peak, Percent); }},
       {"of ceiling", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.throughput->of_ceiling, Percent); }},
       {"× floor", Align::kDecimal,
        [](const JudgedCase& j) { return j.floor ? IfAny(j.floor->times_floor, Ratio) : std::string(); }},
       {"verdict", Align::kLeft,
        [](const JudgedCase& j) { return j.throughput->implausible ? "implausible" : std::string(); }}});
}

Table LaunchTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.launch.has_value(); });
  return MakeTable(
      cases, CaseColumns(cases),
      {{"step ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(MedianTimeUs(j.record)); }},
       {"enqueue ms", Align::kDecimal,
        [](const JudgedCase& j) { return IfAny(MedianOf(j.record, counters::kEnqueue), Milliseconds); }},
       {"enqueue share", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.launch->enqueue_share, Percent); }},
       {"GPU idle", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.launch->idle_share, Percent); }},
       {"kernels", Align::kDecimal,
        [](const JudgedCase& j) { return IfAny(LastOf(j.record, counters::kProfileKernels), Whole); }},
       {"verdict", Align::kLeft, [](const JudgedCase& j) { return std::string(ToString(j.launch->bound)); }}});
}

Table PhaseTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) {
    return !j.record.error && j.record.c.pass != Pass::kForward && MedianOf(j.record, counters::kBackward);
  });
  return MakeTable(cases, CaseColumns(cases),
                   {PhaseColumn("forward ms", counters::kForward), PhaseColumn("backward ms", counters::kBackward),
                    PhaseColumn("optimizer ms", counters::kOptimizer)});
}

Table KernelTable(const Cases& all) {
  const Cases cases = Only(
      all, [](const JudgedCase& j) { return !j.record.error && LastOf(j.record, counters::kProfileBusy).has_value(); });
  Columns columns{{"busy ms", Align::kDecimal,
                   [](const JudgedCase& j) { return IfAny(LastOf(j.record, counters::kProfileBusy), Milliseconds); }}};
  for (const KernelClass kernels : KernelClasses()) {
    columns.push_back({NameOf(kernels), Align::kLeft,
                       [kernels](const JudgedCase& j) { return ShareOfKernelTime(j.record, CounterOf(kernels)); }});
  }
  return MakeTable(cases, CaseColumns(cases), columns);
}

Table MemoryTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.memory.has_value(); });
  const auto against_prediction = [](const JudgedCase& j) {
    const MemoryVerdict& memory = *j.memory;
    if (memory.out_of_memory || !memory.predicted) return std::string();
    return fmt::format("{}{:.1f} %", *memory.allocated < *memory.predicted ? "−" : "+",
                       100 * std::abs(*memory.allocated / *memory.predicted - 1));
  };
  return MakeTable(
      cases, CaseColumns(cases),
      {{"peak allocated", Align::kLeft,
        [](const JudgedCase& j) {
          return j.memory->out_of_memory ? FailureOf(j.record.error) : Bytes(*j.memory->allocated);
        }},
       {"peak reserved", Align::kLeft,
        [](const JudgedCase& j) { return j.memory->out_of_memory ? "" : IfAny(j.memory->reserved, Bytes); }},
       {"predicted", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.memory->predicted, Bytes); }},
       {"beyond it", Align::kLeft, against_prediction}});
}

Table ClocksTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.clocks.has_value(); });
  return MakeTable(cases, CaseAndWarmUpColumns(cases),
                   {StateColumn("SM clock MHz", &GpuReading::sm_clock_mhz),
                    StateColumn("power W", &GpuReading::power_watts),
                    StateColumn("°C", &GpuReading::temperature_celsius),
                    {"throttled by", Align::kLeft, Throttling},
                    StateColumn("other processes", &GpuReading::other_processes)});
}

Table FusedKernelTable(const std::vector<KernelFigure>& figures) {
  Table table{.columns = {{"kernel", Align::kLeft},
                          {"direction", Align::kLeft},
                          {"precision", Align::kLeft},
                          {"shape", Align::kLeft},
                          {"µs", Align::kDecimal},
                          {"GB/s", Align::kDecimal},
                          {"of copy", Align::kLeft},
                          {"TFLOP/s", Align::kDecimal},
                          {"of gemm", Align::kLeft}},
              .rows = {}};
  for (const KernelFigure& figure : figures) {
    std::string direction, precision;
    std::vector<std::string> sizes;
    for (const auto& [key, value] : AxesOf(figure.kernel)) {
      if (key == "direction") {
        direction = value;
      } else if (key == "precision") {
        precision = value;
      } else {
        sizes.push_back(fmt::format("{} {}", key, value));
      }
    }
    table.rows.push_back(
        {std::string(OperationName(figure.kernel)), direction, precision, fmt::format("{}", fmt::join(sizes, ", ")),
         figure.error ? FailureOf(figure.error) : IfAny(figure.time_us, Digits),
         figure.bytes_per_second ? Digits(*figure.bytes_per_second * 1e-9) : "", IfAny(figure.of_copy, Percent),
         figure.flops_per_second ? Digits(*figure.flops_per_second * 1e-12) : "", IfAny(figure.of_gemm, Percent)});
  }
  return WithoutEmptyColumns(table);
}

Table CeilingTable(const Machine& machine) {
  Table table{.columns = {{"ceiling", Align::kLeft},
                          {"measured", Align::kLeft},
                          {"of data sheet", Align::kLeft},
                          {"end against start", Align::kLeft}},
              .rows = {}};
  const Ceilings& ceilings = machine.ceilings;
  const auto drift = [&](const std::string& name) -> std::string {
    const auto found = std::ranges::find(ceilings.drifts, name, &CeilingDrift::name);
    if (found == ceilings.drifts.end()) return "";
    return fmt::format("{}{:.1f} %", found->share < 0 ? "−" : "+", 100 * std::abs(found->share));
  };
  const auto share = [](double value, std::optional<double> peak) { return peak ? Percent(value / *peak) : ""; };
  for (const GemmFigure& gemm : ceilings.gemm) {
    Case c;
    c.precision = gemm.precision;
    const std::string precision = std::ranges::find(Axes(), "precision", &Axis::key)->print(c);
    table.rows.push_back(
        {fmt::format("{} product, {}³", precision, gemm.size), Digits(gemm.flops_per_second * 1e-12) + " TFLOP/s",
         share(gemm.flops_per_second, machine.gpu ? PeakFlops(*machine.gpu, gemm.precision) : std::nullopt),
         drift(fmt::format("ceiling/gemm/precision:{}/size:{}", precision, gemm.size))});
  }
  const std::optional<double> memory = machine.gpu ? std::optional(machine.gpu->memory_bytes) : std::nullopt;
  for (const CopyFigure& copy : ceilings.copies) {
    table.rows.push_back({fmt::format("copy of {}", Bytes(double(copy.bytes))), Bytes(copy.bytes_per_second) + "/s",
                          share(copy.bytes_per_second, memory),
                          drift(fmt::format("ceiling/copy/bytes:{}", copy.bytes))});
  }
  if (ceilings.launch_us) {
    table.rows.push_back({"empty kernel, back to back", Duration(*ceilings.launch_us), "", drift("ceiling/launch")});
  }
  if (ceilings.launch_enqueue_us) {
    table.rows.push_back({"its launch on the host", Duration(*ceilings.launch_enqueue_us), "", ""});
  }
  if (ceilings.timer_bias_us) {
    table.rows.push_back({"the same kernel timed as a trial", Duration(*ceilings.timer_bias_us), "", ""});
  }
  return WithoutEmptyColumns(table);
}

}  // namespace tbench
