#include "analysis/report/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <set>

#include "analysis/charts/chart_parts.h"
#include "analysis/report/report_findings.h"
#include "analysis/report/report_tables.h"
#include "analysis/report/variant_table.h"
#include "analysis/tables/text.h"
#include "analysis/verdicts/judged_case.h"
#include "analysis/verdicts/thresholds.h"

namespace tbench {
namespace {

using Cases = std::vector<JudgedCase>;

std::string Value(const RunFile& run, const std::string& key) {
  const auto value = run.context.find(key);
  return value == run.context.end() ? "" : value->second;
}

// "9.19.0" of cuDNN's number 91900.
std::string CudnnVersion(const RunFile& run) {
  const long number = std::strtol(Value(run, "cudnn_version").c_str(), nullptr, 10);
  return number <= 0 ? "" : fmt::format("{}.{}.{}", number / 10'000, number / 100 % 100, number % 100);
}

std::string GpuOf(const RunFile& run, const Machine& machine) {
  std::string text = Value(run, "gpu_name");
  if (machine.memory_bytes) text += ", " + Bytes(*machine.memory_bytes);
  if (const std::string sms = Value(run, "sm_count"); !sms.empty()) text += ", " + sms + " SMs";
  if (const std::string clock = Value(run, "max_sm_clock_mhz"); !clock.empty()) text += ", up to " + clock + " MHz";
  return text;
}

std::string DeviceOf(const RunFile& run, const Machine& machine) {
  return Value(run, "gpu_name").empty() ? Value(run, "device") : GpuOf(run, machine);
}

// What the columns of rooflines mean, if there are any.
std::string RooflineMeaning(bool times_roofline, bool times_own_roofline) {
  std::vector<std::string> columns;
  if (times_roofline)
    columns.emplace_back("`× roofline` is the median over it at the best rates measured on this GPU model");
  if (times_own_roofline) columns.emplace_back("`× own roofline` is the median over it at this run's own ceilings");
  if (columns.empty()) return "";
  return fmt::format(
      "Roofline: max(causal FLOPs / FLOP rate, minimal bytes / bandwidth); the bytes are the weights that each pass "
      "reads, the gradients written, and AdamW's traffic. {}.",
      fmt::join(columns, "; "));
}

std::string Joined(const std::string& first, const std::string& second) {
  return first + (first.empty() || second.empty() ? "" : ", ") + second;
}

std::string Threads(const RunFile& run) {
  const std::string threads = Value(run, "threads");
  return threads.empty() ? "" : threads + " threads";
}

// What times depend on first: as the gate, on a CPU the number of its threads too.
std::string Hardware(const RunFile& run) {
  const std::string gpu = Value(run, "gpu_name");
  return gpu.empty() ? Joined(Value(run, "cpu_name"), Threads(run)) : gpu;
}

std::string Named(const RunFile& run) { return run.source.empty() ? "A run" : run.source; }

// "FP32 67, TF32 494.5, BF16 989.5 TFLOP/s, 3.35 TB/s".
template <class Rates>
std::string InWords(const Rates& rates, const char* remark = "") {
  std::string text;
  const auto add = [&text](const char* precision, std::optional<double> flops) {
    if (flops) text += fmt::format("{}{} {:g}", text.empty() ? "" : ", ", precision, *flops * 1e-12);
  };
  add("FP32", rates.fp32_flops);
  add("TF32", rates.tf32_flops);
  add("BF16", rates.bf16_flops);
  return text + fmt::format(" TFLOP/s{}, {:g} TB/s", remark, rates.memory_bytes * 1e-12);
}

std::string DataSheet(const std::optional<GpuPeaks>& gpu) {
  return gpu ? fmt::format("{}, {}", gpu->name, InWords(*gpu, " without sparsity")) : "";
}

std::string Reached(const std::optional<GpuPeaks>& gpu) { return gpu && gpu->reached ? InWords(*gpu->reached) : ""; }

std::string HostOf(const RunFile& run) {
  const std::string cpus = Value(run, "num_cpus");
  return Joined(Joined(Value(run, "cpu_name"), cpus.empty() ? "" : cpus + " cores"), Threads(run));
}

std::string GoogleBenchmark(const RunFile& run) {
  std::string version = Value(run, "library_version");
  const std::string build = Value(run, "library_build_type");
  if (build.empty()) return version;
  return version + (version.empty() ? "" : ", ") + build + " build";
}

std::string InCode(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

Table FactsOf(const RunFile& run, const Machine& machine) {
  const auto value = [&run](const char* key) { return Value(run, key); };
  Table table{.columns = {{"", Align::kLeft}, {"", Align::kLeft}},
              .rows = {{"device", DeviceOf(run, machine)},
                       {"data sheet", DataSheet(machine.gpu)},
                       {"best measured", Reached(machine.gpu)},
                       {"driver", value("driver_version")},
                       {"CUDA", value("cuda_version")},
                       {"cuDNN", CudnnVersion(run)},
                       {"LibTorch", value("torch_version")},
                       {"Google Benchmark", GoogleBenchmark(run)},
                       {"host", HostOf(run)},
                       {"transformer-bench", value("tbench_version")},
                       {"commit", InCode(value("git_commit"))},
                       {"command", InCode(value("command"))},
                       {"seed", value("seed")},
                       {"date", value("date")}}};
  std::erase_if(table.rows, [](const std::vector<std::string>& row) { return row[1].empty(); });
  return table;
}

class Writer {
 public:
  void Head(int level, std::string_view text) { document_.blocks.emplace_back(Heading{level, std::string(text)}); }
  void Text(const std::string& text) { document_.blocks.emplace_back(Paragraph{text}); }
  void Add(Block block) { document_.blocks.push_back(std::move(block)); }

  // A heading, what its table means, and the table; nothing without rows.
  void Section(int level, std::string_view heading, const std::string& meaning, const Table& table) {
    if (table.rows.empty()) return;
    Head(level, heading);
    if (!meaning.empty()) Text(meaning);
    Add(table);
  }

  Document Take() { return std::move(document_); }

 private:
  Document document_;
};

// "60 cases of 10 trials."
std::string Extent(const Cases& cases) {
  std::set<std::size_t> trials;
  for (const JudgedCase& judged : cases) {
    if (!judged.record.error) trials.insert(judged.record.trials.size());
  }
  std::string text = Plural(cases.size(), "case");
  if (trials.size() == 1) text += " of " + Plural(*trials.begin(), "trial");
  if (trials.size() > 1) text += fmt::format(" of {} to {} trials", *trials.begin(), *trials.rbegin());
  return text + ".";
}

void WhatRan(const JudgedRuns& judged, Writer& writer) {
  const auto& [runs, records, machines, cases] = judged;
  std::vector<Table> facts;
  for (std::size_t i = 0; i < runs.size(); ++i) facts.push_back(FactsOf(runs[i], machines[i]));
  const bool known = std::ranges::any_of(facts, [](const Table& table) { return !table.rows.empty(); });
  if (cases.empty() && !known) return;
  writer.Head(2, "What ran where");
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (facts[i].rows.empty()) continue;
    if (runs.size() > 1) writer.Head(3, Named(runs[i]));
    writer.Add(facts[i]);
  }
  if (cases.empty()) return;
  writer.Text(Extent(cases));
  writer.Add(ModelSizes(cases));
}

void Time(const Cases& cases, Writer& writer) {
  writer.Section(
      2, kTimeSection,
      fmt::format(
          "One step, over a case's trials. `interval` is the median's confidence interval of at least {}, by order "
          "statistics; of fewer than 6 trials it is their range, which covers less. Mean and sample deviation are "
          "those of `summary.md`.",
          Limit(kMedianCoverage)),
      TimeTable(cases));
}

// A file of peers has no ceilings of its own: those of a run on the same GPU hold for it.
std::vector<Machine> MachinesOfPeers(const std::vector<RunFile>& runs, std::vector<Machine> machines) {
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!machines[i].ceilings.gemm.empty()) continue;
    for (std::size_t other = 0; other < runs.size(); ++other) {
      if (machines[other].ceilings.gemm.empty() || Hardware(runs[other]) != Hardware(runs[i])) continue;
      machines[i].ceilings = machines[other].ceilings;
      break;
    }
  }
  return machines;
}

// Whether a variant has that figure of that verdict.
template <class Verdict>
bool Has(const std::vector<Variants>& steps, std::optional<Verdict> JudgedCase::*verdict,
         std::optional<double> Verdict::*figure) {
  return std::ranges::any_of(steps, [=](const Variants& step) {
    return std::ranges::any_of(step, [=](const Variant& variant) {
      const std::optional<Verdict>& judged = variant.judged.*verdict;
      return judged && (*judged).*figure;
    });
  });
}

void SideBySideVariants(const Cases& cases, const Cases& peers, bool on_gpu, const std::string& hardware_warning,
                        Writer& writer) {
  const std::vector<Variants> steps = SideBySide(cases, peers);
  if (steps.empty()) return;
  writer.Head(2, "Variants side by side");
  if (!hardware_warning.empty()) writer.Text("**Other hardware:** " + hardware_warning + ".");
  writer.Text(
      "Cases that do the same step in another way, each with the most warm-ups that it was measured with. `speed-up` "
      "is that of the median over the first variant of the step: `fp32 naive composed eager`, the published table's, "
      "where it was measured. `TFLOP/s` counts, for all of them, the FLOPs that causality needs.");
  if (Has(steps, &JudgedCase::throughput, &ThroughputVerdict::of_peak)) {
    writer.Text("`MFU`, model FLOPs utilization, is that rate over the data sheet's dense peak.");
  }
  if (!peers.empty()) {
    writer.Text(
        "`PyTorch` is the same step in PyTorch; `over peer` is the speed-up over the fastest of those in the same "
        "precision, for `fp32x3` in `fp32`.");
  }
  std::vector<std::string> remarks = PeerRemarks(steps, on_gpu);
  if (!remarks.empty()) writer.Add(BulletList{std::move(remarks)});
  const std::string rooflines =
      RooflineMeaning(Has(steps, &JudgedCase::roofline, &RooflineVerdict::times_roofline),
                      Has(steps, &JudgedCase::roofline, &RooflineVerdict::times_own_roofline));
  if (!rooflines.empty()) writer.Text(rooflines);
  for (const PassTraits& pass : kPasses) {
    std::vector<Variants> of_pass;
    std::ranges::copy_if(steps, std::back_inserter(of_pass),
                         [&](const Variants& step) { return step.front().judged.record.c.pass == pass.id; });
    writer.Section(3, std::string(pass.name), "", VariantTable(of_pass));
  }
}

void WarmUps(const Cases& cases, Writer& writer) {
  writer.Section(
      2, kWarmUpSection,
      fmt::format(
          "Cases without warm-ups. `steady` is the median of all trials but the first. Warm-ups are enough when no "
          "later trial is more than {} slower than that, or than trials scatter. `cold`: nothing had run in the "
          "process before.",
          Limit(kWarmTolerance)),
      WarmUpTable(cases));
}

void Trials(const Cases& cases, Writer& writer) {
  if (std::ranges::none_of(cases, [](const JudgedCase& j) { return j.spread.has_value(); })) return;
  writer.Head(2, kTrialsSection);
  const Table table = TrialTable(cases);
  const bool all_drawn =
      std::ranges::all_of(cases, [](const JudgedCase& j) { return j.record.trials.size() <= kMostDrawn; });
  const std::string drawn =
      all_drawn ? "Every trial"
                : fmt::format(
                      "Every trial, or of a case's more than {} the lowest and the highest of each stretch, "
                      "`trials.csv` holds all",
                      kMostDrawn);
  writer.Text(
      table.rows.empty()
          ? drawn + "; none stands out, but for the first ones of cases without warm-ups."
          : fmt::format(
                "{}{} the cases that stand out: a trial is an outlier (modified z-score beyond {} and {} "
                "off the median), the level shifts, or the quartiles are {} of the median apart. Trials count from 1; "
                "first trials without warm-ups are listed under Warm-up.",
                drawn, all_drawn ? ", and" : ";", kOutlierScore, Limit(kOutlierShare), Limit(kUnsteadyQuartiles)));
  if (!table.rows.empty()) writer.Add(table);
}

void Utilisation(const Cases& cases, Writer& writer) {
  std::string meaning =
      "By the median, of the cases with the most warm-ups. `TFLOP/s` counts what the GEMMs execute: 2 FLOPs a "
      "multiply-add, backward twice forward, all T² pairs of query and key in `naive` attention, those that causality "
      "needs in `sdpa`.";
  const auto has = [&](std::optional<double> ThroughputVerdict::*share) {
    return std::ranges::any_of(cases, [&](const JudgedCase& j) { return j.throughput && (*j.throughput).*share; });
  };
  if (has(&ThroughputVerdict::of_peak)) meaning += " `of peak` is the share of the data sheet's dense peak.";
  if (std::ranges::any_of(
          cases, [](const JudgedCase& j) { return TraitsOf(j.record.c.precision).gemm == GemmMath::kFp32x3; })) {
    meaning += " `fp32x3` makes an FP32 GEMM of three TF32 ones: its peak is a third of theirs.";
  }
  if (has(&ThroughputVerdict::of_ceiling)) {
    meaning += " `of ceiling` is the share of the fastest GEMM of the same precision in the same run.";
  }
  const std::string roofline = RooflineMeaning(
      std::ranges::any_of(cases, [](const JudgedCase& j) { return j.roofline && j.roofline->times_roofline; }), false);
  if (!roofline.empty()) meaning += " " + roofline;
  writer.Section(2, kUtilisationSection, meaning, UtilisationTable(cases));
}

void WhereTheTimeGoes(const Cases& cases, Writer& writer) {
  const Table launch = LaunchTable(cases), phases = PhaseTable(cases), kernels = KernelTable(cases);
  if (launch.rows.empty() && phases.rows.empty() && kernels.rows.empty()) return;
  writer.Head(2, kWhereSection);
  writer.Text("Of the cases with the most warm-ups, medians over trials.");
  writer.Section(
      3, "Host or GPU",
      fmt::format(
          "`enqueue` is the host's time to hand the step to the GPU. Where it is nearly all of the step, the GPU waits "
          "for the host. A long step fills the launch queue, so that the host waits for the GPU: shares up to {} are "
          "inconclusive.",
          Limit(kEnqueueOfGpuBound)),
      launch);
  writer.Section(3, kPhasesSection, "", phases);
  writer.Section(
      3, kKernelsSection,
      "One more step under the profiler: the time in which any kernel ran, and the kernels' own time by class.",
      kernels);
}

void MemoryUse(const Cases& cases, Writer& writer) {
  writer.Section(2, "Memory",
                 "LibTorch's allocator at its peak, beside what the step's tensors need by their shapes. Libraries' "
                 "workspaces and the allocator's rounding come on top: tens of MB.",
                 MemoryTable(cases));
}

void GpuClocks(const Cases& cases, Writer& writer) {
  writer.Section(2, "Clocks", "Read right before the first trial and right after the last one.", ClocksTable(cases));
}

void CeilingsOf(const std::vector<RunFile>& runs, const std::vector<Machine>& machines, Writer& writer) {
  bool headed = false;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const Table table = CeilingTable(machines[i]);
    if (table.rows.empty()) continue;
    if (!headed) writer.Head(2, "Ceilings");
    headed = true;
    if (runs.size() > 1) writer.Head(3, Named(runs[i]));
    writer.Add(table);
  }
}

void FusedKernels(const std::vector<RunFile>& runs, Writer& writer) {
  bool headed = false;
  for (const RunFile& run : runs) {
    const Table table = FusedKernelTable(KernelFigures(run));
    if (table.rows.empty()) continue;
    if (!headed) {
      writer.Head(2, kFusedKernelsSection);
      writer.Text(
          "Each operation by itself, on inputs beyond the cache; medians over repetitions. The rate counts the bytes "
          "that must move: each input read once, each output written once. Beside it its share of the copy's rate in "
          "the same run, if that was measured; likewise the FLOPs of a GEMM with a fused epilogue.");
    }
    headed = true;
    if (runs.size() > 1) writer.Head(3, Named(run));
    writer.Add(table);
  }
}

}  // namespace

std::string HardwareWarning(const std::vector<RunFile>& runs, const Records& records) {
  const auto runs_of = [](const std::vector<Record>& some) {
    std::vector<std::size_t> in_order;
    std::set<std::size_t> seen;
    for (const Record& record : some) {
      if (seen.insert(record.run).second) in_order.push_back(record.run);
    }
    return in_order;
  };
  for (const std::size_t peer : runs_of(records.peers)) {
    for (const std::size_t record : runs_of(records.records)) {
      const RunFile &of_peer = runs[peer], &of_record = runs[record];
      if (Hardware(of_peer) == Hardware(of_record)) continue;
      return fmt::format("peers of {} were measured on {}, cases of {} on {}: their times do not compare",
                         Named(of_peer), Hardware(of_peer), Named(of_record), Hardware(of_record));
    }
  }
  return "";
}

JudgedRuns JudgeRuns(const std::vector<RunFile>& runs, const Records& records) {
  JudgedRuns judged{.runs = runs, .records = records, .machines = {}, .cases = {}};
  for (const RunFile& run : runs) judged.machines.push_back(MachineOf(run));
  judged.cases = Judge(records.records, judged.machines);
  return judged;
}

Document MakeReport(const JudgedRuns& judged) {
  const auto& [runs, records, machines, cases] = judged;
  const Cases warm = MostWarmedUp(cases);

  Writer writer;
  writer.Head(1, "Benchmark report");
  writer.Head(2, "Verdicts");
  std::vector<std::string> findings = Findings(cases, machines, records.problems);
  if (cases.empty() && !records.peers.empty() && records.problems.empty())
    findings = {"Peers alone: no case to judge."};
  writer.Add(BulletList{std::move(findings)});
  WhatRan(judged, writer);
  writer.Section(2, "Failed cases", "", FailedTable(cases));
  Time(cases, writer);
  const bool peers_on_gpu = std::ranges::any_of(
      records.peers, [&judged](const Record& peer) { return Value(judged.runs[peer.run], "device") == "cuda"; });
  SideBySideVariants(cases, Judge(records.peers, MachinesOfPeers(runs, machines)), peers_on_gpu,
                     HardwareWarning(runs, records), writer);
  WarmUps(cases, writer);
  Trials(cases, writer);
  Utilisation(warm, writer);
  WhereTheTimeGoes(warm, writer);
  MemoryUse(warm, writer);
  GpuClocks(cases, writer);
  CeilingsOf(runs, machines, writer);
  FusedKernels(runs, writer);
  return writer.Take();
}

}  // namespace tbench
