#include "analysis/read/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "benchmarks/names/ceiling.h"
#include "benchmarks/names/counters.h"
#include "benchmarks/names/kernel_benchmark.h"
#include "benchmarks/names/peer.h"
#include "model/support/input_error.h"
#include "model/support/one_line.h"

namespace tbench {
namespace {

// Families that other reports read.
constexpr std::array<std::string_view, 2> kOtherFamilies{kCeilingFamily, kKernelFamily};

std::string_view Family(std::string_view name) { return name.substr(0, name.find('/')); }

// A case of one file while its rows are gathered.
struct Gathered {
  Record record;
  std::int64_t expected_trials = 1;
  std::set<std::int64_t> repetitions;
  std::vector<std::pair<std::int64_t, TimedTrial>> trials;  // with their repetitions, in the file's order
  bool repeated = false;
};

// What the names of models mean in one run.
struct RunModels {
  ModelTable table;               // the built-in ones and those of the run's context
  std::set<std::string> refused;  // those that cannot be read, or have other numbers here than elsewhere
};

RunModels ModelsOf(const RunFile& run, ModelTable& of_all_runs, std::vector<std::string>& problems) {
  RunModels models;
  for (const auto& [key, value] : run.context) {
    if (!key.starts_with("model.")) continue;
    const std::string name = key.substr(6);
    try {
      RequireValidModelName(name);
      const NamedModel model{name, ParseModelConfig(value)};
      of_all_runs.Add(model);
      models.table.Add(model);
    } catch (const InputError& error) {
      problems.push_back(fmt::format("context {}: {}; its cases are left out", key, error.what()));
      models.refused.insert(name);
    }
  }
  return models;
}

void SetName(std::string_view name, Record& record) {
  if (Family(name) == kPeerFamily) {
    const Peer peer = ParsePeerName(name);
    record.c = peer.step;
    record.implementation = peer.implementation;
  } else {
    record.c = ParseCaseName(name);
  }
}

std::string NameOf(const Record& record) {
  return record.implementation.empty() ? CaseName(record.c) : PeerName({record.implementation, record.c});
}

// InputError if the name says that the case has another number of trials than the row does.
void RequireTrialsOfName(const Row& row) {
  constexpr std::string_view kKey = "/repeats:";
  const std::size_t at = row.name.find(kKey);
  if (at == std::string::npos) return;
  const std::string_view rest = std::string_view(row.name).substr(at + kKey.size());
  const std::string named(rest.substr(0, rest.find('/')));
  if (named == fmt::format("{}", row.repetitions)) return;
  throw InputError(fmt::format("{}: its name says repeats:{}, its rows say repetitions {}; left out", row.name, named,
                               row.repetitions));
}

// InputError if its time is not one step's: those that are measured are of one iteration of one thread.
void RequireOneStep(const Row& row) {
  if (row.error || (row.threads == 1 && row.iterations == 1)) return;
  throw InputError(fmt::format("{}: its rows have iterations {} and threads {}, where a trial has 1 and 1; left out",
                               row.name, row.iterations, row.threads));
}

// What a row's name says, without trials.
struct NamedCase {
  Record record;
  std::string name;
};

// The case of a row's name, or nothing for one that is none of ours; what is wrong goes to `problems`.
std::optional<NamedCase> CaseOf(const Row& row, const RunModels& models, std::vector<std::string>& problems) {
  const std::string_view family = Family(row.name);
  if (std::ranges::find(kOtherFamilies, family) != kOtherFamilies.end()) return std::nullopt;
  try {
    Record record{.c = {}, .config = {}, .trials = {}, .error = {}, .label = {}};
    SetName(row.name, record);
    if (models.refused.contains(record.c.model)) return std::nullopt;
    record.config = models.table.Find(record.c.model);
    std::string name = NameOf(record);
    return NamedCase{std::move(record), std::move(name)};
  } catch (const InputError& error) {
    problems.emplace_back(error.what());
    return std::nullopt;
  }
}

// Whether a row of ours can be used.
bool IsUsable(const Row& row, std::vector<std::string>& problems) {
  try {
    RequireTrialsOfName(row);
    RequireOneStep(row);
    return true;
  } catch (const InputError& error) {
    problems.emplace_back(error.what());
    return false;
  }
}

void AddRow(const Row& row, Gathered& gathered) {
  // From the first trial that comes again on, the rows are those of another process.
  if (!gathered.repetitions.insert(row.repetition_index).second) gathered.repeated = true;
  if (gathered.repeated) return;
  gathered.expected_trials = std::max(gathered.expected_trials, row.repetitions);
  if (row.error) {
    if (!gathered.record.error) gathered.record.error = *row.error;
  } else if (row.real_time_us) {
    gathered.trials.push_back({row.repetition_index, {*row.real_time_us, row.counters}});
  }
}

std::vector<Gathered> Gather(const RunFile& run, ModelTable& of_all_runs, std::vector<std::string>& problems) {
  const RunModels models = ModelsOf(run, of_all_runs, problems);
  std::vector<Gathered> cases;
  std::map<std::string, std::size_t> index;
  std::set<std::string> reported;
  std::map<std::string_view, std::optional<NamedCase>> names;  // each is parsed once, not once a trial
  for (const Row& row : run.rows) {
    std::vector<std::string> wrong;
    const auto [named, is_new_name] = names.try_emplace(row.name);
    if (is_new_name) named->second = CaseOf(row, models, wrong);
    const bool is_usable = named->second && IsUsable(row, wrong);
    for (std::string& problem : wrong) {  // once, not once a trial
      if (reported.insert(problem).second) problems.push_back(std::move(problem));
    }
    if (!is_usable) continue;
    const auto [at, is_new] = index.emplace(named->second->name, cases.size());
    if (is_new) {
      cases.push_back({.record = named->second->record, .repetitions = {}, .trials = {}});
      cases.back().record.label = row.label;
    }
    AddRow(row, cases[at->second]);
  }
  for (Gathered& gathered : cases) {
    std::ranges::sort(gathered.trials, {}, [](const auto& trial) { return trial.first; });
    gathered.record.trials.reserve(gathered.trials.size());
    for (auto& [repetition, trial] : gathered.trials) gathered.record.trials.push_back(std::move(trial));
    gathered.trials = {};
    gathered.repetitions.clear();
  }
  return cases;
}

}  // namespace

Records ToRecords(const std::vector<RunFile>& runs) {
  Records result;
  std::set<std::string> seen;
  ModelTable models;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const RunFile& run = runs[i];
    std::vector<std::string> problems = run.problems;
    for (Gathered& gathered : Gather(run, models, problems)) {
      Record& record = gathered.record;
      const std::string name = NameOf(record);
      const auto trials = std::int64_t(record.trials.size());
      if (gathered.repeated) problems.push_back(fmt::format("{}: occurs twice; the first counts", name));
      if (!record.error && trials < gathered.expected_trials) {
        problems.push_back(
            fmt::format("{}: only {} of {} trials can be read; left out", name, trials, gathered.expected_trials));
      } else if (!seen.insert(name).second) {
        problems.push_back(fmt::format("{}: occurs in several files; the first counts", name));
      } else {
        record.run = i;
        (record.implementation.empty() ? result.records : result.peers).push_back(std::move(record));
      }
    }
    for (const std::string& problem : problems) {
      result.problems.push_back(OneLine(run.source.empty() ? problem : fmt::format("{}: {}", run.source, problem)));
    }
  }
  return result;
}

std::string AttentionBackendOf(const Record& record) {
  constexpr std::string_view kKey = counters::kAttentionBackendLabel;
  const std::size_t at = record.label.find(kKey);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + kKey.size();
  return record.label.substr(begin, record.label.find_first_of(" ,", begin) - begin);
}

std::string ErrorKind(const std::string& error) {
  const std::string kind = error.substr(0, error.find(':'));
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ' '; };
  return std::ranges::all_of(kind, is_word) ? kind : "failed";
}

std::string ErrorInWords(const std::string& error) {
  std::string words = ErrorKind(error);
  std::ranges::replace(words, '_', ' ');
  return words;
}

}  // namespace tbench
