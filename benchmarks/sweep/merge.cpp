#include "benchmarks/sweep/merge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "benchmarks/names/ceiling.h"
#include "benchmarks/sweep/run_context.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

// What a row's benchmark is called, without what the library appends. Other families keep their whole name.
std::string NameOfRow(const Json& row) {
  const auto name = row.at("run_name").get<std::string>();
  return name.starts_with(std::string(kStepFamily) + "/") ? CaseName(ParseCaseName(name)) : name;
}

// Throws unless a reader can use the row.
void RequireUsable(const Json& row) {
  const std::string name = NameOfRow(row);
  if (row.at("name").get<std::string>().empty() || name.empty()) throw InputError("a row has no name");
  if (row.value("run_type", "") != "iteration" || row.value("error_occurred", false)) return;
  try {
    TimeUs(row);
  } catch (const BadCaseFile& error) {
    throw InputError(fmt::format("{}: {}", name, error.what()));
  }
}

void AppendNew(std::vector<std::string>& names, const std::string& name) {
  if (std::ranges::find(names, name) == names.end()) names.push_back(name);
}

void RequireSameMachine(const RunPart& first, const RunPart& other) {
  auto differences = ContextDifferences(first.json.at("context"), other.json.at("context"));
  if (!first.program.empty() && !other.program.empty() && first.program != other.program) {
    differences.push_back(fmt::format("benchmark program: hash {} there, {} here", first.program, other.program));
  }
  if (differences.empty()) return;
  throw InputError(fmt::format("'{}' (there) and '{}' (here) cannot be joined:\n  {}", first.source, other.source,
                               fmt::join(differences, "\n  ")));
}

// The first part's that Google Benchmark wrote, every part's models, and the commands and GPUs that the parts come
// from.
Json JoinContexts(const std::vector<RunPart>& parts) {
  const auto written =
      std::ranges::find_if(parts, [](const RunPart& p) { return p.json.at("context").contains("date"); });
  Json context = (written == parts.end() ? parts.front() : *written).json.at("context");
  std::vector<std::string> commands, gpus;
  for (const RunPart& part : parts) {
    for (const auto& [key, value] : part.json.at("context").items()) {
      if (key.starts_with("model.")) context[key] = value;
      if (key == "command" && value.is_string()) AppendNew(commands, value.get<std::string>());
      if (key == "gpu_uuid" && value.is_string()) AppendNew(gpus, value.get<std::string>());
    }
  }
  if (!commands.empty()) context["command"] = fmt::format("{}", fmt::join(commands, " && "));
  if (!gpus.empty()) context["gpu_uuid"] = fmt::format("{}", fmt::join(gpus, ", "));
  return context;
}

bool IsCeiling(const std::string& name) { return name.starts_with(std::string(kCeilingFamily) + "/"); }

// Every part measures its own: each of its families becomes a file.
void AddCeilings(const RunPart& part, std::vector<Json>& first, std::vector<Json>& last) {
  bool after_cases = false;
  Json family;
  std::vector<Json>* files = nullptr;
  for (const Json& row : part.json.at("benchmarks")) {
    if (!IsCeiling(NameOfRow(row))) {
      after_cases = true;
      continue;
    }
    const Json index = row.value("family_index", Json());
    if (files == nullptr || index != family) {
      files = after_cases ? &last : &first;
      files->push_back({{"benchmarks", Json::array()}});
    }
    family = index;
    files->back()["benchmarks"].push_back(row);
  }
}

}  // namespace

Json JoinCases(const Json& context, std::vector<Json> files) {
  Json run{{"context", context}, {"benchmarks", Json::array()}};
  for (std::size_t family = 0; family < files.size(); ++family) {
    for (Json& row : files[family].at("benchmarks")) {
      row["family_index"] = family;
      run["benchmarks"].push_back(std::move(row));
    }
    files[family] = nullptr;
  }
  return run;
}

MergedRun MergeRuns(std::vector<RunPart> parts) {
  std::vector<std::string> grid, order;
  std::set<std::string> in_grid;
  std::map<std::string, Json> cases;  // name -> a file of its rows
  std::map<std::string, const RunPart*> owners;
  std::vector<Json> first, last;  // the ceilings that the parts measured before their cases, and after
  for (const RunPart& part : parts) {
    RequireSameMachine(parts.front(), part);
    for (const std::string& name : part.grid) {
      if (in_grid.insert(name).second) grid.push_back(name);
    }
  }
  order = grid;
  for (RunPart& part : parts) {
    AddCeilings(part, first, last);
    for (Json& row : part.json.at("benchmarks")) {
      const std::string name = NameOfRow(row);
      if (IsCeiling(name)) continue;
      const auto [owner, is_new] = owners.emplace(name, &part);
      if (owner->second != &part) {
        throw InputError(fmt::format("'{}' and '{}' both hold the case {}", owner->second->source, part.source, name));
      }
      if (is_new && !in_grid.contains(name)) order.push_back(name);
      cases[name]["benchmarks"].push_back(std::move(row));
    }
    part.json.at("benchmarks").clear();
  }
  MergedRun merged;
  std::vector<Json> files = std::move(first);
  for (const std::string& name : order) {
    if (const auto found = cases.find(name); found != cases.end()) files.push_back(std::move(found->second));
  }
  std::ranges::move(last, std::back_inserter(files));
  std::ranges::copy_if(grid, std::back_inserter(merged.missing),
                       [&](const std::string& name) { return !owners.contains(name); });
  merged.json = JoinCases(JoinContexts(parts), std::move(files));
  return merged;
}

RunPart ParseRunPart(const std::string& source, const std::string& text) {
  RunPart part{.source = source, .json = {}, .grid = {}, .program = {}};
  try {
    part.json = ParseJson(text);
    if (!part.json.at("context").is_object()) throw InputError("its context is no object");
    for (const Json& row : part.json.at("benchmarks")) RequireUsable(row);
  } catch (const std::exception& error) {
    throw InputError(fmt::format("'{}' is no run: {}", source, error.what()));
  }
  return part;
}

}  // namespace tbench
