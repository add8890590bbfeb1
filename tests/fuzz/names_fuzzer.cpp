// Names, models, flags and grids: what is read prints, and reads back as the same; anything else is an InputError.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "analysis/gate/gate_flags.h"
#include "benchmarks/names/case.h"
#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/flags.h"
#include "benchmarks/names/grid.h"
#include "benchmarks/names/kernel_benchmark.h"
#include "benchmarks/names/peer.h"
#include "benchmarks/sweep/plan.h"
#include "benchmarks/sweep/shard.h"
#include "model/spec/footprint.h"
#include "model/spec/work.h"
#include "model/support/input_error.h"
#include "tests/fuzz/promises.h"

namespace {

using namespace tbench;

// Nothing for what is refused.
template <class Parse>
auto Read(Parse parse) -> std::optional<decltype(parse())> {
  try {
    return parse();
  } catch (const InputError&) {
    return std::nullopt;
  }
}

bool IsAmount(double value) { return std::isfinite(value) && value >= 0; }

void RequireModel(const ModelConfig& model) {
  Require(IsValid(model), "a model that is read is valid");
  Require(ParseModelConfig(ToString(model)) == model, "a model prints and reads back", ToString(model));
  Require(ParameterCount(model) > 0 && TrainingStateBytes(model) > 0 && AdamWTrafficBytes(model) > 0,
          "a model's bytes are counted in 63 bits", ToString(model));
}

void RequireStep(const Case& c, const ModelConfig& model) {
  const StepSpec step = SpecOf(c, model);
  for (const AttentionPairs pairs : {AttentionPairs::kAll, AttentionPairs::kCausal}) {
    Require(StepFlops(step, pairs) > 0 && IsAmount(StepFlops(step, pairs)), "a step has FLOPs");
  }
  Require(IsAmount(MinimalStepBytes(step)) && IsAmount(PredictedPeakBytes(step)) &&
              IsAmount(PredictSeconds(c, model, 1'000'000, true)),
          "a step has bytes and a time");
}

void RequireCase(const Case& c) {
  const std::string name = CaseName(c);
  Require(ParseCaseName(name) == c && ParseCaseName(RowName(c, 10)) == c, "a case prints and reads back", name);
}

// Of a case whose model has a valid name.
void RequireFileName(const Case& c) {
  const std::string slug = Slug(c);
  Require(!slug.empty() && slug.size() <= 200 && slug.find('/') == std::string::npos && slug.front() != '.',
          "a case's slug is a file's name", slug);
}

void RequireNames(const std::string& text) {
  if (const auto c = Read([&] { return ParseCaseName(text); })) RequireCase(*c);
  if (const auto peer = Read([&] { return ParsePeerName(text); })) {
    Require(ParsePeerName(PeerName(*peer)) == *peer, "a peer prints and reads back", text);
  }
  if (const auto kernel = Read([&] { return ParseKernelName(text); })) {
    Require(ParseKernelName(KernelName(*kernel)) == *kernel && ParseKernelName(RowName(*kernel)) == *kernel,
            "a kernel prints and reads back", text);
  }
  if (const auto ceiling = Read([&] { return ParseCeilingName(text); })) {
    Require(ParseCeilingName(CeilingName(*ceiling)) == *ceiling && ParseCeilingName(RowName(*ceiling)) == *ceiling,
            "a ceiling prints and reads back", text);
    Require(IsAmount(WorkOf(*ceiling)), "a ceiling has work", text);
  }
}

void RequireNumbers(const std::string& text) {
  if (const auto model = Read([&] { return ParseModelConfig(text); })) RequireModel(*model);
  if (const auto model = Read([&] { return ParseNamedModel(text); })) {
    RequireModel(model->config);
    Require(ParseNamedModel(model->name + "=" + ToString(model->config)) == *model, "a named model reads back", text);
  }
  if (const auto share = Read([&] { return ParseShare("--threshold", text); })) {
    Require(IsAmount(*share) && ParseShare("--threshold", fmt::format("{}%", *share * 100)) >= 0, "a share is one",
            text);
  }
  const auto nowhere = [](const std::string&) { return std::nullopt; };
  if (const auto shard = Read([&] { return ParseShard(text, nowhere); })) {
    Require(shard->index < shard->count && ParseShard(ToString(*shard), nowhere) == *shard, "a shard reads back", text);
  }
}

// "KEY=VALUE" in lines.
std::map<std::string, std::string> ToMap(const std::string& text) {
  std::map<std::string, std::string> map;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string line = text.substr(begin, end - begin);
    map[line.substr(0, line.find('='))] = line.substr(std::min(line.find('=') + 1, line.size()));
    begin = end + 1;
  }
  return map;
}

void RequireSlurm(const std::map<std::string, std::string>& variables) {
  const auto variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  const auto shard = Read([&] { return ParseShard("slurm", variable); });
  Require(!shard || shard->index < shard->count, "a task's shard is one of them");
}

// As the command line's parser calls the flags; nothing where one is refused.
std::optional<BenchFlags> ReadFlags(const std::vector<std::string>& arguments) {
  BenchFlags flags;
  const std::vector<Flag> known = GridFlags(flags);
  try {
    for (const std::string& argument : arguments) {
      const std::size_t equals = std::min(argument.find('='), argument.size());
      const auto flag = std::ranges::find(known, argument.substr(0, equals), &Flag::name);
      if (flag != known.end()) flag->read(argument.substr(std::min(equals + 1, argument.size())));
    }
  } catch (const InputError&) {
    return std::nullopt;
  }
  return flags;
}

void RequireShards(const Grid& grid) {
  std::vector<double> costs;
  for (const Case& c : grid.cases) costs.push_back(PredictSeconds(c, grid.models.Find(c.model), 10, false));
  constexpr std::size_t kShards = 3;
  std::multiset<std::size_t> seen;
  for (std::size_t i = 0; i < kShards; ++i) {
    for (const std::size_t index : CasesOfShard(costs, {i, kShards})) seen.insert(index);
  }
  Require(seen.size() == grid.cases.size() && std::set(seen.begin(), seen.end()).size() == seen.size(),
          "each case is in one shard");
}

void RequireGrid(const GridOptions& options) {
  double cases = 1;  // at most so many; large grids take seconds
  for (const auto& [key, values] : options.axes) cases *= double(1 + std::ranges::count(values, ','));
  if (cases > 20) return;
  const auto grid = Read([&] { return BuildGrid(options, /*gpu_present=*/true); });
  if (!grid) return;
  std::set<std::string> names;
  for (const Case& c : grid->cases) {
    Require(names.insert(CaseName(c)).second, "each case is in a grid once", CaseName(c));
    RequireCase(c);
    RequireFileName(c);
    RequireStep(c, grid->models.Find(c.model));
  }
  RequireShards(*grid);
  for (const Kernel& kernel : KernelsOf(grid->cases, grid->models, /*has_fused_products=*/true)) {
    RequireNames(KernelName(kernel));
    Require(IsAmount(BytesOf(kernel)) && IsAmount(FlopsOf(kernel)), "a kernel has bytes and FLOPs", KernelName(kernel));
  }
  for (const Ceiling& ceiling : CeilingsOf(grid->cases, /*gpu=*/true)) RequireNames(CeilingName(ceiling));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  if (!text.starts_with("--")) {
    RequireNames(text);
    RequireNumbers(text);
    RequireSlurm(ToMap(text));
    return 0;
  }
  std::vector<std::string> arguments;
  for (const auto& [flag, value] : ToMap(text)) arguments.push_back(flag + "=" + value);
  const std::optional<BenchFlags> flags = ReadFlags(arguments);
  if (!flags) return 0;
  Require(ReadFlags(ToArguments(*flags)) == flags, "flags print and read back", text);
  RequireGrid(flags->grid);
  return 0;
}
