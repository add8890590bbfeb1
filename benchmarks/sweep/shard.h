#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace tbench {

// One of `count` parts of a grid.
struct Shard {
  std::size_t index = 0;
  std::size_t count = 1;

  bool operator==(const Shard&) const = default;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// "0/4" to "3/4", or "slurm": the part of an array job's task, whose array counts up by one. InputError otherwise.
Shard ParseShard(const std::string& text, const Environment& environment);

// "3/4".
std::string ToString(const Shard& shard);

// Which cases the shard runs, in ascending order, from the predicted cost of every case. Each case, the dearest first,
// goes to the shard with least work so far: k mod n would give one shard all five-warm-up cases, or all large models.
// Every case is in exactly one of the shards.
std::vector<std::size_t> CasesOfShard(const std::vector<double>& costs, const Shard& shard);

}  // namespace tbench
