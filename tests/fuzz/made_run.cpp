#include "tests/fuzz/made_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "benchmarks/names/case.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/kernel_class.h"
#include "benchmarks/names/peer.h"

namespace tbench {
namespace {

using Bytes = FuzzedDataProvider;

// As JSON has them, and as it has not.
constexpr std::array kOddNumbers{"0",
                                 "-0.0",
                                 "-1",
                                 "0.5",
                                 "1",
                                 "2",
                                 "7",
                                 "1e-320",
                                 "5e-324",
                                 "1e-9",
                                 "1e15",
                                 "1e300",
                                 "1.7e308",
                                 "-1.7e308",
                                 "2147483647",
                                 "2147483648",
                                 "4294967296",
                                 "9223372036854775807",
                                 "-9223372036854775808",
                                 "9223372036854775808",
                                 "18446744073709551615",
                                 "1e400",
                                 "NaN",
                                 "-Infinity",
                                 "null",
                                 "true",
                                 "\"1\"",
                                 "[1]",
                                 "{}"};

// Pieces of what others write: markup, terminals' and GitHub's commands, formulas.
constexpr std::array<std::string_view, 34> kOddTexts{"<b>",
                                                     "</code>",
                                                     "<img src=x onerror=y>",
                                                     "`",
                                                     "``",
                                                     "**",
                                                     "*",
                                                     "|",
                                                     "\\",
                                                     "\\|",
                                                     "[a](b)",
                                                     "![a](b)",
                                                     "http://a.b",
                                                     "www.a.b",
                                                     "@a",
                                                     "#",
                                                     "::error::",
                                                     ":",
                                                     "##[error]",
                                                     "\n",
                                                     "\r",
                                                     "\x1b[2J",
                                                     "\xc2\x85",
                                                     "\x7f",
                                                     "=1+1",
                                                     "-1+1",
                                                     "'\"",
                                                     "&lt;",
                                                     "$x$",
                                                     "_^%{}~",
                                                     " ",
                                                     "out_of_memory: ",
                                                     "\xff",
                                                     "a_long_word_of_letters_and_digits_0123456789_0123456789_0123"};

constexpr std::array kGpus{"NVIDIA H100 80GB HBM3", "NVIDIA H200", "NVIDIA A100-SXM4-80GB", "a GPU"};
constexpr std::array kModels{"vocab:5,d_model:4,d_ff:8,layers:1,heads:2",
                             "vocab:10000,d_model:768,d_ff:3072,layers:12,heads:12",
                             "vocab:2147483648,d_model:2,d_ff:2147483648,layers:1,heads:1",
                             "vocab:1,d_model:2,d_ff:1,layers:2147483648,heads:1"};
constexpr std::array kKernels{"kernel/rms_norm/direction:forward/precision:bf16/rows:512/width:768",
                              "kernel/swiglu_product/direction:backward/precision:bf16/rows:512/in:768/width:3072",
                              "kernel/rotary_product/precision:bf16/rows:512/in:768/context:128/heads:12/head_size:64",
                              "kernel/adamw/precision:fp32/parameters:1000000"};

constexpr std::array kContextKeys{"device",         "gpu_name",         "gpu_memory_bytes",
                                  "sm_count",       "max_sm_clock_mhz", "driver_version",
                                  "cuda_version",   "torch_version",    "cudnn_version",
                                  "cpu_name",       "threads",          "seed",
                                  "git_commit",     "command",          "date",
                                  "num_cpus",       "library_version",  "library_build_type",
                                  "tbench_version", "gpu_uuid",         "host_name",
                                  "model.mine",     "model.<b>"};

constexpr std::array kRowKeys{
    "name",       "run_name",  "run_type", "family_index", "repetitions", "repetition_index", "threads",
    "iterations", "real_time", "cpu_time", "time_unit",    "label",       "error_occurred",   "error_message"};

std::vector<std::string> CounterNames() {
  std::vector<std::string> names{counters::kEnqueue,        counters::kEndToEnd,       counters::kForward,
                                 counters::kBackward,       counters::kOptimizer,      counters::kTokensPerSecond,
                                 counters::kPeakAllocated,  counters::kPeakReserved,   counters::kStepsBefore,
                                 counters::kLoss,           counters::kSetup,          counters::kWarmup,
                                 counters::kProfileKernels, counters::kProfileBusy,    counters::kProfileSpan,
                                 counters::kProfileStep,    counters::kFlopsPerSecond, counters::kBytesPerSecond,
                                 counters::kTrial};
  for (const counters::GpuStateNames& when : {counters::kBefore, counters::kAfter}) {
    for (const char* name :
         {when.sm_clock, when.power, when.temperature, when.throttle_reasons, when.other_processes}) {
      names.emplace_back(name);
    }
  }
  for (const KernelClass kernel_class : KernelClasses()) names.push_back(CounterOf(kernel_class));
  return names;
}

const std::vector<std::string>& Counters() {
  static const std::vector<std::string> names = CounterNames();
  return names;
}

template <class List>
const auto& Pick(Bytes& bytes, const List& list) {
  return list[bytes.ConsumeIntegralInRange<std::size_t>(0, std::size(list) - 1)];
}

bool OneIn(Bytes& bytes, int chances) { return bytes.ConsumeIntegralInRange(0, chances - 1) == chances - 1; }

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += byte < 0x20 ? fmt::format("\\u{:04x}", byte) : std::string(1, c);
  }
  return quoted + '"';
}

void Set(Fields& fields, const std::string& key, const std::string& json) {
  const auto found = std::ranges::find(fields, key, &Fields::value_type::first);
  if (found == fields.end()) {
    fields.emplace_back(key, json);
  } else {
    found->second = json;
  }
}

std::string OddNumber(Bytes& bytes) {
  if (!OneIn(bytes, 4)) return Pick(bytes, kOddNumbers);
  return fmt::format("{}", bytes.ConsumeFloatingPoint<double>());
}

std::string OddValue(Bytes& bytes) { return bytes.ConsumeBool() ? OddNumber(bytes) : Quoted(MakeText(bytes)); }

Case MakeCase(Bytes& bytes) {
  Case c{.model = "tiny", .context = 128};
  if (OneIn(bytes, 3)) c.model = bytes.ConsumeBool() ? "mine" : "small";
  for (const Axis& axis : Axes()) {
    if (axis.kind == AxisKind::kChoice && OneIn(bytes, 3)) axis.Set(Pick(bytes, axis.values), c);
    if (axis.kind != AxisKind::kNumber || !OneIn(bytes, 3)) continue;
    axis.Set(OneIn(bytes, 8) ? "2147483648" : fmt::format("{}", bytes.ConsumeIntegralInRange(1, 512)), c);
  }
  return c;
}

// The name of a benchmark, without what the library appends.
std::string MakeName(Bytes& bytes) {
  switch (bytes.ConsumeIntegralInRange(0, 7)) {
    case 5: {
      Ceiling ceiling{.kind = Ceiling::Kind(bytes.ConsumeIntegralInRange(0, 2)), .size = 4096};
      if (ceiling.kind == Ceiling::Kind::kGemm) ceiling.precision = MakeCase(bytes).precision;
      ceiling.moment = Ceiling::Moment(bytes.ConsumeIntegralInRange(0, 1));
      return CeilingName(ceiling);
    }
    case 6:
      return Pick(bytes, kKernels);
    case 7:
      return PeerName({Pick(bytes, PeerImplementations()), MakeCase(bytes)});
    default:
      return CaseName(MakeCase(bytes));
  }
}

Fields MakeContext(Bytes& bytes) {
  const bool gpu = bytes.ConsumeBool();
  Fields context{{"device", gpu ? R"("cuda")" : R"("cpu")"},
                 {"model.mine", Quoted(Pick(bytes, kModels))},
                 {"seed", "\"0\""},
                 {"git_commit", R"("0123456789abcdef-dirty")"}};
  if (gpu) Set(context, "gpu_name", Quoted(Pick(bytes, kGpus)));
  if (gpu) Set(context, "gpu_memory_bytes", "\"80000000000\"");
  return context;
}

// The counters that all rows of a benchmark have.
std::vector<std::string> MakeCounters(Bytes& bytes) {
  std::vector<std::string> names;
  for (int left = bytes.ConsumeIntegralInRange(0, 6); left > 0; --left) names.push_back(Pick(bytes, Counters()));
  return names;
}

void AddRows(Bytes& bytes, std::size_t family, MadeRun& run) {
  const int trials = bytes.ConsumeIntegralInRange(1, 12);
  const std::string name = RowNameOf(MakeName(bytes), trials);
  const int median_us = bytes.ConsumeIntegralInRange(1, 1'000'000), spread = bytes.ConsumeIntegralInRange(0, 30);
  const std::vector<std::string> counters = MakeCounters(bytes);
  for (int trial = 0; trial < trials; ++trial) {
    const double time_us = median_us * (1 + 0.01 * ((trial * 7) % (spread + 1)));
    Fields row{{"name", Quoted(name)},
               {"family_index", fmt::format("{}", family)},
               {"run_name", Quoted(name)},
               {"run_type", R"("iteration")"},
               {"repetitions", fmt::format("{}", trials)},
               {"repetition_index", fmt::format("{}", trial)},
               {"real_time", fmt::format("{}", time_us)},
               {"time_unit", R"("us")"}};
    // In µs, mostly: parts of a step do not add up to more than it.
    for (const std::string& counter : counters) Set(row, counter, fmt::format("{}", time_us / 2));
    run.rows.push_back(std::move(row));
  }
}

const std::string KeyOfRow(Bytes& bytes) { return OneIn(bytes, 3) ? Pick(bytes, Counters()) : Pick(bytes, kRowKeys); }

void DistortRow(Bytes& bytes, MadeRun& run) {
  const auto at = bytes.ConsumeIntegralInRange<std::size_t>(0, run.rows.size() - 1);
  Fields& row = run.rows[at];
  switch (bytes.ConsumeIntegralInRange(0, 7)) {
    case 0:
      return Set(row, KeyOfRow(bytes), OddValue(bytes));
    case 1:
      return Set(row, bytes.ConsumeBool() ? "real_time" : Pick(bytes, Counters()), OddNumber(bytes));
    case 2:
      std::erase_if(row, [key = KeyOfRow(bytes)](const auto& field) { return field.first == key; });
      return;
    case 3:
      row.emplace_back(KeyOfRow(bytes), OddValue(bytes));
      return;
    case 4:
      run.rows.insert(run.rows.begin() + std::ptrdiff_t(at), Fields(row));
      return;
    case 5:
      run.rows.erase(run.rows.begin() + std::ptrdiff_t(at));
      return;
    case 6:
      Set(row, "error_occurred", "true");
      return Set(row, "error_message", Quoted((bytes.ConsumeBool() ? "out_of_memory: " : "") + MakeText(bytes)));
    default:
      return Set(row, "time_unit", Quoted(Pick(bytes, std::array{"ns", "ms", "s", "minutes", ""})));
  }
}

void DistortContext(Bytes& bytes, MadeRun& run) {
  const std::string key = Pick(bytes, kContextKeys);
  switch (bytes.ConsumeIntegralInRange(0, 3)) {
    case 0:
      std::erase_if(run.context, [&key](const auto& field) { return field.first == key; });
      return;
    case 1:
      run.context.emplace_back(MakeText(bytes), OddValue(bytes));
      return;
    default:
      return Set(run.context, key, OddValue(bytes));
  }
}

std::string ToJson(const Fields& fields) {
  std::string json;
  for (const auto& [key, value] : fields) json += fmt::format("{}{}:{}", json.empty() ? "" : ",", Quoted(key), value);
  return "{" + json + "}";
}

}  // namespace

std::string MakeText(Bytes& bytes) {
  std::string text;
  for (int left = bytes.ConsumeIntegralInRange(1, 4); left > 0; --left) {
    text += OneIn(bytes, 3) ? bytes.ConsumeRandomLengthString(12) : std::string(Pick(bytes, kOddTexts));
  }
  return text;
}

MadeRun MakeRun(Bytes& bytes) {
  MadeRun run{.context = MakeContext(bytes), .rows = {}};
  const auto families = bytes.ConsumeIntegralInRange<std::size_t>(1, 5);
  for (std::size_t family = 0; family < families; ++family) AddRows(bytes, family, run);
  return run;
}

void Distort(Bytes& bytes, MadeRun& run) {
  for (int left = bytes.ConsumeIntegralInRange(0, 8); left > 0; --left) {
    if (run.rows.empty() || OneIn(bytes, 4)) {
      DistortContext(bytes, run);
    } else {
      DistortRow(bytes, run);
    }
  }
}

void ScaleTimes(MadeRun& run, double factor) {
  for (Fields& row : run.rows) {
    for (auto& [key, json] : row) {
      if (key == "real_time") json = fmt::format("{}", factor * std::strtod(json.c_str(), nullptr));
    }
  }
}

std::string ToJson(const MadeRun& run) {
  std::string rows;
  for (const Fields& row : run.rows) rows += (rows.empty() ? "\n" : ",\n") + ToJson(row);
  return fmt::format("{{\"context\":{},\n\"benchmarks\":[{}]}}", ToJson(run.context), rows);
}

std::vector<std::string> SplitFiles(std::string_view text) {
  constexpr std::string_view kLine = "\n---\n";
  const std::size_t end = text.find(kLine);
  if (end == std::string_view::npos) return {std::string(text)};
  return {std::string(text.substr(0, end)), std::string(text.substr(end + kLine.size()))};
}

std::vector<std::string> MakeFiles(const std::uint8_t* bytes, std::size_t size) {
  if (size > 0 && bytes[0] == '{') return SplitFiles({reinterpret_cast<const char*>(bytes), size});
  Bytes provider(bytes, size);
  std::vector<std::string> files;
  for (int left = provider.ConsumeIntegralInRange(1, 2); left > 0; --left) {
    MadeRun run = MakeRun(provider);
    Distort(provider, run);
    files.push_back(ToJson(run));
  }
  return files;
}

}  // namespace tbench
