#include "benchmarks/harness/bench_main.h"

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "benchmarks/harness/library_flags.h"
#include "benchmarks/harness/probe_fixture.h"
#include "benchmarks/harness/step_fixture.h"
#include "benchmarks/names/peer.h"
#include "model/support/input_error.h"
#include "model/support/program.h"
#include "model/support/utf8.h"

namespace tbench {
namespace {

constexpr const char* kDescription =
    "Times one step of a Transformer language model for every case of a grid.\n"
    "A Google Benchmark program: its --benchmark_* flags work, but for those that would change what a trial is.";

constexpr const char* kExamples = R"(
Examples:
  transformer_bench --grid quick --benchmark_list_tests
  transformer_bench --models small --passes forward --warmups 5
  transformer_bench --benchmark_filter='model:small/.*pass:forward/' --benchmark_out=run.json
  transformer_bench --benchmark_filter='^ceiling/' --precisions fp32,tf32,bf16
  transformer_bench --kernels fused --precisions bf16 --kernel-benchmarks --benchmark_filter='^(kernel|ceiling/copy)/'
  transformer_bench --model 'mine=vocab:32000,d_model:2048,d_ff:5632,layers:16,heads:16' --contexts 512

Google Benchmark's flags, the usual ones:
  --benchmark_list_tests            print the cases' names and exit; no file is written
  --benchmark_filter=REGEX          run the cases whose name contains a match; a leading '-' negates
  --benchmark_out=FILE              write the results as JSON
  --benchmark_format=console|json   csv: see tbench_summarize --trials-csv

Exit code: 0 all cases are good, 1 one failed (its row says why), 2 nothing was run.)";

// What the flags ask for on this device.
struct Plan {
  Grid grid;
  std::vector<Ceiling> ceilings;
  std::vector<Kernel> kernels;
};

Plan MakePlan(const BenchFlags& flags, bool wants_kernels, const Device& device) {
  const bool gpu = device.is_gpu();
  Plan plan{.grid = BuildGrid(flags.grid, gpu), .ceilings = {}, .kernels = {}};
  if (WantsCeilings(flags, gpu)) plan.ceilings = CeilingsOf(plan.grid.cases, gpu);
  if (wants_kernels) {
    plan.kernels = KernelsOf(plan.grid.cases, plan.grid.models, device.has_fused_products());
    if (plan.kernels.empty()) {
      throw InputError("--kernel-benchmarks measures the kernels of cases with kernels:fused: add --kernels fused");
    }
  }
  return plan;
}

// Owns the registered fixtures for as long as the session that they refer to.
class Registration {
 public:
  // The cases come first: one without warm-ups is cold only if nothing ran before it.
  Registration(Session& session, const Plan& plan, std::int64_t trials) {
    for (const Case& c : plan.grid.cases) RegisterCase(session, c, plan.grid.models.Find(c.model), trials);
    for (const Ceiling& ceiling : plan.ceilings) RegisterCeiling(session, ceiling);
    for (const Kernel& kernel : plan.kernels) RegisterKernel(session, kernel);
  }
  ~Registration() { benchmark::ClearRegisteredBenchmarks(); }
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
};

// In UTF-8, as JSON is: the machine's texts may be anything.
std::map<std::string, std::string> FullContext(const Device& device, const Grid& grid, const BenchFlags& flags) {
  std::map<std::string, std::string> context = device.Context();
  context["tbench_version"] = Version();
  context["git_commit"] = GitCommit();
  context["seed"] = std::to_string(flags.seed);
  for (const Case& c : grid.cases) context["model." + c.model] = ToString(grid.models.Find(c.model));
  std::map<std::string, std::string> valid;
  for (const auto& [key, value] : context) valid[ValidUtf8(key)] = ValidUtf8(value);
  return valid;
}

// What another implementation may be asked for, and what it means; benchmarks/peers reads it.
nlohmann::ordered_json DescribePeers(const ModelTable& models) {
  nlohmann::ordered_json peers{{"implementations", PeerImplementations()}};
  for (const NamedModel& model : models.models()) peers["models"][model.name] = ToString(model.config);
  for (const PassTraits& pass : kPasses) {
    peers["passes"][std::string(pass.name)] = {{"backward", pass.backward}, {"optimizer", pass.optimizer}};
  }
  for (const PrecisionTraits& precision : kPrecisions) {
    if (precision.composed) peers["precisions"].push_back(precision.name);
  }
  return peers;
}

void PrintDescription(const std::map<std::string, std::string>& context, const Plan& plan) {
  nlohmann::ordered_json description{{"context", context},
                                     {"cases", nlohmann::json::array()},
                                     {"ceilings", nlohmann::json::array()},
                                     {"peers", DescribePeers(plan.grid.models)}};
  for (const Case& c : plan.grid.cases) description["cases"].push_back(CaseName(c));
  for (const Ceiling& ceiling : plan.ceilings) description["ceilings"].push_back(CeilingName(ceiling));
  fmt::print("{}\n", description.dump(2));
}

void RequireMatch(const Plan& plan, const std::string& filter, std::int64_t trials) {
  std::vector<std::string> rows;
  for (const Case& c : plan.grid.cases) rows.push_back(RowName(c, trials));
  for (const Ceiling& ceiling : plan.ceilings) rows.push_back(RowName(ceiling));
  for (const Kernel& kernel : plan.kernels) rows.push_back(RowName(kernel));
  if (FilterSelectsAny(filter, rows)) return;
  throw InputError(fmt::format("--benchmark_filter '{}' matches none of the grid's {} benchmarks, such as {}", filter,
                               rows.size(), rows[0]));
}

// `name` must outlive the library's use: its reports print it.
void InitializeLibrary(std::string& name, std::vector<std::string> arguments) {
  std::vector<char*> argv{name.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  int argc = int(argv.size());
  argv.push_back(nullptr);
  benchmark::Initialize(&argc, argv.data());
  if (argc > 1) throw InputError(fmt::format("Google Benchmark does not know the flag '{}'", argv[1]));
}

}  // namespace

int BenchMain(const OpenDevice& open_device, int argc, char** argv) {
  BenchFlags flags;
  bool describe = false, wants_kernels = false;
  std::string traces;
  CommandLine command_line{.name = "transformer_bench",
                           .description = kDescription,
                           .footer = kExamples,
                           .flags = GridFlags(flags),
                           .pass_through = {"--benchmark_", "--v="}};
  command_line.flags.insert(
      command_line.flags.end(),
      {TextFlag("--profile", "FOLDER", traces,
                "Also run one step of each case under a profiler, after its trials; its trace goes to FOLDER"),
       SwitchFlag("--kernel-benchmarks", wants_kernels,
                  "Also measure each fused kernel by itself, at the sizes of the cases with kernels:fused"),
       SwitchFlag("--describe", describe, "Print the grid's cases and the machine's context as JSON, and exit")});
  const ParsedLine line = ParseCommandLine(command_line, {argv + 1, argv + argc});
  if (line.done) return kExitGood;
  CheckLibraryFlags(line.extras);
  BuildGrid(flags.grid, false);  // refuses a bad grid before a device is opened, which takes a second

  const std::unique_ptr<Device> device = open_device(flags);
  if (!traces.empty() && !device->is_gpu()) throw InputError("--profile needs a GPU");
  const Plan plan = MakePlan(flags, wants_kernels, *device);
  const auto context = FullContext(*device, plan.grid, flags);
  if (describe) {
    PrintDescription(context, plan);
    return kExitGood;
  }
  std::vector<std::string> library_flags = line.extras;
  // The library would empty the file, and write nothing into it.
  if (ListsOnly(library_flags)) library_flags.emplace_back("--benchmark_out=");
  CheckOutputFile(library_flags);
  std::string program = ValidUtf8(argv[0]);
  InitializeLibrary(program, library_flags);
  RequireMatch(plan, benchmark::GetBenchmarkFilter(), flags.trials);
  for (const auto& [key, value] : context) benchmark::AddCustomContext(key, value);

  Session session{.device = *device, .traces = traces};
  const Registration registration(session, plan, flags.trials);
  benchmark::RunSpecifiedBenchmarks();
  if (session.holder != nullptr) session.holder->Free();
  benchmark::Shutdown();
  return session.failed_cases == 0 ? kExitGood : kExitFailed;
}

}  // namespace tbench
