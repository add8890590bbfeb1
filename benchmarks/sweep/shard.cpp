#include "benchmarks/sweep/shard.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "model/support/input_error.h"

namespace tbench {
namespace {

// Far above what Slurm allows (MaxArraySize), and small enough to calculate with.
constexpr long long kMostTasks = 1LL << 31;

long long SlurmNumber(const Environment& environment, const std::string& name) {
  const std::optional<std::string> value = environment(name);
  if (!value) {
    throw InputError(
        fmt::format("--shard slurm: {} is not set; is this a task of an array job (sbatch --array)?", name));
  }
  return ParseInteger(name, *value, 0, kMostTasks);
}

Shard SlurmShard(const Environment& environment) {
  const long long id = SlurmNumber(environment, "SLURM_ARRAY_TASK_ID");
  const long long first = SlurmNumber(environment, "SLURM_ARRAY_TASK_MIN");
  const long long last = SlurmNumber(environment, "SLURM_ARRAY_TASK_MAX");
  const long long count = SlurmNumber(environment, "SLURM_ARRAY_TASK_COUNT");
  // With gaps between the numbers (0-8:2, or 1,3,5) some shards would never run.
  if (last - first + 1 != count || id < first || id > last) {
    throw InputError(
        fmt::format("--shard slurm: task {} of {} from {} to {}; expected an array that counts up by one, such as 0-{}",
                    id, count, first, last, std::max(count - 1, 0LL)));
  }
  return {std::size_t(id - first), std::size_t(count)};
}

}  // namespace

Shard ParseShard(const std::string& text, const Environment& environment) {
  if (text == "slurm") return SlurmShard(environment);
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) {
    throw InputError(fmt::format("--shard '{}': expected INDEX/COUNT, such as 0/4, or slurm", text));
  }
  const long long index = ParseInteger("--shard index", text.substr(0, slash), 0);
  const long long count = ParseInteger("--shard count", text.substr(slash + 1), 1);
  if (index >= count) {
    throw InputError(fmt::format("--shard '{}': the index counts from 0, so at most {}", text, count - 1));
  }
  return {std::size_t(index), std::size_t(count)};
}

std::string ToString(const Shard& shard) { return fmt::format("{}/{}", shard.index, shard.count); }

std::vector<std::size_t> CasesOfShard(const std::vector<double>& costs, const Shard& shard) {
  std::vector<std::size_t> by_cost(costs.size());
  std::iota(by_cost.begin(), by_cost.end(), std::size_t{0});
  std::ranges::stable_sort(by_cost, std::ranges::greater{}, [&](std::size_t i) { return costs[i]; });

  std::vector<double> loads(std::min(shard.count, costs.size()));  // a shard beyond the cases is empty
  std::vector<std::size_t> mine;
  for (const std::size_t i : by_cost) {
    const auto least = std::ranges::min_element(loads);
    *least += costs[i];
    if (std::size_t(least - loads.begin()) == shard.index) mine.push_back(i);
  }
  std::ranges::sort(mine);
  return mine;
}

}  // namespace tbench
