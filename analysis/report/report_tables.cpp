#include "analysis/report/report_tables.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "analysis/read/trials.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/variant_axes.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/kernel_class.h"
#include "model/spec/work.h"

namespace tbench {
namespace {

using Cases = std::vector<JudgedCase>;

using JudgedColumn = Column<JudgedCase>;
using Columns = std::vector<JudgedColumn>;

template <class Value>
using Print = std::string (*)(Value);

std::string IfAny(const std::optional<double>& value, Print<double> print) { return value ? print(*value) : ""; }

std::string Whole(double value) { return fmt::format("{:.0f}", value); }

JudgedColumn AxisColumn(std::string_view key, std::string header) {
  const Axis axis = AxisOf(key);
  return {std::move(header), axis.kind == AxisKind::kNumber ? Align::kDecimal : Align::kLeft,
          [axis](const JudgedCase& j) { return axis.print(j.record.c); }};
}

bool Differ(const Cases& cases, const JudgedColumn& column) {
  return std::ranges::any_of(cases, [&](const JudgedCase& j) { return column.cell(j) != column.cell(cases.front()); });
}

// What tells the cases apart but for warm-ups.
Columns CaseColumns(const Cases& cases) {
  Columns columns{AxisColumn("model", "model"), AxisColumn("context", "context"), AxisColumn("pass", "pass")};
  Columns further;
  for (const Axis& axis : FurtherAxes()) further.push_back(AxisColumn(axis.key, std::string(axis.key)));
  further.push_back(AxisColumn("batch", "batch"));
  std::ranges::copy_if(further, std::back_inserter(columns), [&](const JudgedColumn& c) { return Differ(cases, c); });
  return columns;
}

Columns CaseAndWarmUpColumns(const Cases& cases) {
  Columns columns = CaseColumns(cases);
  columns.push_back(AxisColumn("warmups", "warm-ups"));
  return columns;
}

Table CaseTable(const Cases& cases, Columns columns, const Columns& figures) {
  columns.insert(columns.end(), figures.begin(), figures.end());
  return WithoutEmptyColumns(MakeTable(columns, cases));
}

Cases Only(const Cases& cases, const std::function<bool(const JudgedCase&)>& wanted) {
  Cases some;
  std::ranges::copy_if(cases, std::back_inserter(some), wanted);
  return some;
}

std::string FailureOf(const std::optional<std::string>& error) { return error ? ErrorInWords(*error) : ""; }

// A column of milliseconds from the median of a counter in µs.
JudgedColumn PhaseColumn(const std::string& header, const std::string& counter) {
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

JudgedColumn StateColumn(const std::string& header, std::optional<double> GpuState::*reading) {
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
  return CaseTable(cases, CaseAndWarmUpColumns(cases),
                   {{"message", Align::kLeft, [](const JudgedCase& j) { return *j.record.error; }}});
}

Table ModelSizes(const Cases& all) {
  std::set<std::string> seen;
  const Cases models = Only(all, [&](const JudgedCase& j) { return seen.insert(j.record.c.model).second; });
  const auto number = [](const std::string& header, std::int64_t ModelConfig::*member) {
    return JudgedColumn{header, Align::kDecimal,
                        [member](const JudgedCase& j) { return std::to_string(j.record.config.*member); }};
  };
  return CaseTable(
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
  return CaseTable(cases, CaseAndWarmUpColumns(cases),
                   {{"backend", Align::kLeft, [](const JudgedCase& j) { return AttentionBackendOf(j.record); }},
                    {"median ms", Align::kDecimal,
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
  return CaseTable(
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
  return CaseTable(
      cases, CaseAndWarmUpColumns(cases),
      {{"median ms", Align::kDecimal, [](const JudgedCase& j) { return Milliseconds(j.spread->median.median); }},
       {"what stands out", Align::kLeft, [](const JudgedCase& j) { return j.spread->sentence; }}});
}

Table UtilisationTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.throughput.has_value(); });
  return CaseTable(
      cases, CaseColumns(cases),
      {{"tokens/s", Align::kDecimal, [](const JudgedCase& j) { return Whole(j.throughput->tokens_per_second); }},
       {"TFLOP/s", Align::kDecimal, [](const JudgedCase& j) { return Digits(j.throughput->flops_per_second * 1e-12); }},
       {"of peak", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.throughput->of_peak, Percent); }},
       {"of ceiling", Align::kLeft, [](const JudgedCase& j) { return IfAny(j.throughput->of_ceiling, Percent); }},
       {"× roofline", Align::kDecimal,
        [](const JudgedCase& j) { return j.roofline ? IfAny(j.roofline->times_roofline, Ratio) : std::string(); }},
       {"verdict", Align::kLeft,
        [](const JudgedCase& j) { return j.throughput->implausible ? "implausible" : std::string(); }}});
}

Table LaunchTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.launch.has_value(); });
  return CaseTable(
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
    return !j.record.error && TraitsOf(j.record.c.pass).backward && MedianOf(j.record, counters::kBackward);
  });
  return CaseTable(cases, CaseColumns(cases),
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
  return CaseTable(cases, CaseColumns(cases), columns);
}

Table MemoryTable(const Cases& all) {
  const Cases cases = Only(all, [](const JudgedCase& j) { return j.memory.has_value(); });
  const auto against_prediction = [](const JudgedCase& j) {
    const MemoryVerdict& memory = *j.memory;
    if (memory.out_of_memory || !memory.predicted) return std::string();
    return SignedPercent(*memory.allocated / *memory.predicted - 1);
  };
  return CaseTable(
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
  return CaseTable(cases, CaseAndWarmUpColumns(cases),
                   {StateColumn("SM clock MHz", &GpuState::sm_clock_mhz),
                    StateColumn("power W", &GpuState::power_watts),
                    StateColumn("°C", &GpuState::temperature_celsius),
                    {"throttled by", Align::kLeft, Throttling},
                    StateColumn("other processes", &GpuState::other_processes)});
}

Table FusedKernelTable(const std::vector<KernelFigure>& figures) {
  // Of the kernel's axes, the value of one by its key; what the columns leave over is its shape.
  const auto axis = [](std::string_view wanted) {
    return [wanted](const KernelFigure& figure) {
      for (const auto& [key, value] : AxesOf(figure.kernel)) {
        if (key == wanted) return std::string(value);
      }
      return std::string();
    };
  };
  const auto shape = [](const KernelFigure& figure) {
    std::vector<std::string> sizes;
    for (const auto& [key, value] : AxesOf(figure.kernel)) {
      if (key != "direction" && key != "precision") sizes.push_back(fmt::format("{} {}", key, value));
    }
    return fmt::format("{}", fmt::join(sizes, ", "));
  };
  const auto giga = [](double rate) { return Digits(rate * 1e-9); };
  const auto tera = [](double rate) { return Digits(rate * 1e-12); };
  const std::vector<Column<KernelFigure>> columns{
      {"kernel", Align::kLeft, [](const KernelFigure& f) { return std::string(OperationName(f.kernel)); }},
      {"direction", Align::kLeft, axis("direction")},
      {"precision", Align::kLeft, axis("precision")},
      {"shape", Align::kLeft, shape},
      {"µs", Align::kDecimal,
       [](const KernelFigure& f) { return f.error ? FailureOf(f.error) : IfAny(f.time_us, Digits); }},
      {"GB/s", Align::kDecimal, [giga](const KernelFigure& f) { return IfAny(f.bytes_per_second, giga); }},
      {"of copy", Align::kLeft, [](const KernelFigure& f) { return IfAny(f.of_copy, Percent); }},
      {"TFLOP/s", Align::kDecimal, [tera](const KernelFigure& f) { return IfAny(f.flops_per_second, tera); }},
      {"of gemm", Align::kLeft, [](const KernelFigure& f) { return IfAny(f.of_gemm, Percent); }}};
  return WithoutEmptyColumns(MakeTable(columns, figures));
}

Table CeilingTable(const Machine& machine) {
  struct CeilingRow {
    std::string what, measured;
    std::optional<double> of_peak;
    std::string name;  // of the ceiling whose drift is shown
  };
  const Ceilings& ceilings = machine.ceilings;
  const auto share = [](double value, std::optional<double> peak) {
    return peak ? std::optional(value / *peak) : std::nullopt;
  };
  std::vector<CeilingRow> rows;
  for (const GemmFigure& gemm : ceilings.gemm) {
    rows.push_back({fmt::format("{} GEMM, {}³", NameOf(gemm.precision), gemm.size),
                    Digits(gemm.flops_per_second * 1e-12) + " TFLOP/s",
                    share(gemm.flops_per_second, machine.gpu ? PeakFlops(*machine.gpu, gemm.precision) : std::nullopt),
                    CeilingName({.kind = Ceiling::Kind::kGemm, .precision = gemm.precision, .size = gemm.size})});
  }
  const std::optional<double> memory = machine.gpu ? std::optional(machine.gpu->memory_bytes) : std::nullopt;
  for (const CopyFigure& copy : ceilings.copies) {
    rows.push_back({fmt::format("copy of {}", Bytes(double(copy.bytes))), Bytes(copy.bytes_per_second) + "/s",
                    share(copy.bytes_per_second, memory),
                    CeilingName({.kind = Ceiling::Kind::kCopy, .size = copy.bytes})});
  }
  const auto add_time = [&](const char* what, std::optional<double> microseconds, const std::string& name) {
    if (microseconds) rows.push_back({what, Duration(*microseconds), std::nullopt, name});
  };
  add_time("empty kernel, back to back", ceilings.launch_us, CeilingName({.kind = Ceiling::Kind::kLaunch}));
  add_time("its launch on the host", ceilings.launch_enqueue_us, "");
  add_time("the same kernel timed as a trial", ceilings.timer_bias_us, "");

  const auto drift = [&](const CeilingRow& row) -> std::string {
    const auto found = std::ranges::find(ceilings.drifts, row.name, &CeilingDrift::name);
    return found == ceilings.drifts.end() ? "" : SignedPercent(found->share);
  };
  return WithoutEmptyColumns(MakeTable<CeilingRow>(
      {{"ceiling", Align::kLeft, [](const CeilingRow& row) { return row.what; }},
       {"measured", Align::kLeft, [](const CeilingRow& row) { return row.measured; }},
       {"of peak", Align::kLeft, [](const CeilingRow& row) { return IfAny(row.of_peak, Percent); }},
       {"end against start", Align::kLeft, drift}},
      rows));
}

}  // namespace tbench
