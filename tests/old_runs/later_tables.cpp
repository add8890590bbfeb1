#include "tests/old_runs/later_tables.h"

#include <vector>

#include "model/spec/config.h"

// What the libraries call so is here under another name; the linker, which then finds nothing missing, leaves theirs
// out.
#define Axes AxesOfToday
#define ModelKeys ModelKeysOfToday
#include "benchmarks/names/axes.cpp"  // NOLINT(bugprone-suspicious-include)
#include "model/spec/model_keys.cpp"  // NOLINT(bugprone-suspicious-include)
#undef Axes
#undef ModelKeys

namespace tbench {
namespace {

// A Case has no such member yet: one less than the ranks stands above the value of `launch`.
constexpr int kShift = 8;

Launch LaunchOf(const Case& c) { return Launch(int(c.launch) % (1 << kShift)); }
std::int64_t RanksOf(const Case& c) { return 1 + (int(c.launch) >> kShift); }
Launch Together(Launch launch, std::int64_t ranks) { return Launch(int(launch) + (int(ranks - 1) << kShift)); }

const Axis& LaunchOfToday() { return *std::ranges::find(AxesOfToday(), "launch", &Axis::key); }

std::vector<Axis> LaterAxes() {
  std::vector<Axis> axes(AxesOfToday().begin(), AxesOfToday().end());
  Axis& launch = *std::ranges::find(axes, "launch", &Axis::key);
  launch.print = [](const Case& c) {
    Case plain = c;
    plain.launch = LaunchOf(c);
    return LaunchOfToday().print(plain);
  };
  launch.parse = [](std::string_view key, std::string_view value, Case& c) {
    const std::int64_t ranks = RanksOf(c);
    LaunchOfToday().parse(key, value, c);
    c.launch = Together(c.launch, ranks);
  };
  Axis ranks;
  ranks.key = ranks.flag = "ranks";
  ranks.absent = ranks.defaults = "1";
  ranks.kind = AxisKind::kNumber;
  ranks.print = [](const Case& c) { return std::to_string(RanksOf(c)); };
  ranks.parse = [](std::string_view key, std::string_view value, Case& c) {
    c.launch = Together(LaunchOf(c), ParseInteger(key, value, 1, 1'000'000));
  };
  axes.push_back(ranks);
  return axes;
}

std::vector<ModelKey> LaterKeys() {
  std::vector<ModelKey> keys(ModelKeysOfToday().begin(), ModelKeysOfToday().end());
  const auto d_ff = std::ranges::find(keys, "d_ff", &ModelKey::name);
  std::rotate(d_ff, d_ff + 1, keys.end());
  keys.back().absent = [](const ModelConfig& config) { return 4 * config.d_model; };
  // No member either: all heads have keys and values of their own.
  keys.push_back({.name = "kv_heads",
                  .get = [](const ModelConfig& config) { return config.heads; },
                  .set =
                      [](ModelConfig& config, std::int64_t value) {
                        if (value != config.heads) throw InputError("a model with fewer kv_heads");
                      },
                  .absent = [](const ModelConfig& config) { return config.heads; }});
  return keys;
}

}  // namespace

std::span<const Axis> Axes() {
  static const std::vector<Axis> axes = LaterAxes();
  return axes;
}

std::span<const ModelKey> ModelKeys() {
  static const std::vector<ModelKey> keys = LaterKeys();
  return keys;
}

Case WithRanks(Case c, std::int64_t ranks) {
  Axes().back().Set(std::to_string(ranks), c);
  return c;
}

}  // namespace tbench
