#include "benchmarks/sweep/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

using Variables = std::map<std::string, std::string>;

Shard Parse(const std::string& text, const Variables& variables = {}) {
  return ParseShard(text, [&](const std::string& name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  });
}

Variables Slurm(const std::string& id, const std::string& min, const std::string& max, const std::string& count) {
  return {{"SLURM_ARRAY_TASK_ID", id},
          {"SLURM_ARRAY_TASK_MIN", min},
          {"SLURM_ARRAY_TASK_MAX", max},
          {"SLURM_ARRAY_TASK_COUNT", count}};
}

TEST(Shard, IsCountedFromZero) {
  EXPECT_EQ(Parse("0/4"), (Shard{0, 4}));
  EXPECT_EQ(Parse("3/4"), (Shard{3, 4}));
  EXPECT_THAT([] { Parse("4/4"); }, ThrowsMessage<InputError>(HasSubstr("at most 3")));
}

TEST(Shard, RefusesWhatIsNoPart) {
  for (const char* text : {"", "1", "a/b", "1/0", "-1/2", "1/2/3", "/2", "1/"}) {
    EXPECT_THAT([&] { Parse(text); }, ThrowsMessage<InputError>(HasSubstr("--shard"))) << text;
  }
}

TEST(Shard, TakesItsPartFromAnArrayJob) { EXPECT_EQ(Parse("slurm", Slurm("7", "5", "8", "4")), (Shard{2, 4})); }

TEST(Shard, RefusesAnArrayJobWithGaps) {
  // --array=0-8:2 and --array=1,3,5: some shards would never run.
  EXPECT_THAT([] { Parse("slurm", Slurm("4", "0", "8", "5")); }, ThrowsMessage<InputError>(HasSubstr("by one")));
  EXPECT_THAT([] { Parse("slurm", Slurm("3", "1", "5", "3")); }, ThrowsMessage<InputError>(HasSubstr("by one")));
}

TEST(Shard, RefusesNumbersThatNoArrayHas) {
  const std::string most = "9223372036854775807";
  EXPECT_THAT([&] { Parse("slurm", Slurm("0", "0", most, "1")); }, ThrowsMessage<InputError>(HasSubstr("TASK_MAX")));
}

TEST(Shard, NamesTheVariableThatIsMissing) {
  Variables variables = Slurm("0", "0", "1", "2");
  variables.erase("SLURM_ARRAY_TASK_COUNT");
  EXPECT_THAT([] { Parse("slurm"); }, ThrowsMessage<InputError>(HasSubstr("SLURM_ARRAY_TASK_ID is not set")));
  EXPECT_THAT([&] { Parse("slurm", variables); }, ThrowsMessage<InputError>(HasSubstr("TASK_COUNT is not set")));
}

TEST(CasesOfShard, PutEveryCaseIntoExactlyOneShard) {
  const std::vector<double> costs{5, 1, 1, 9, 2, 2, 7, 3, 3, 3, 1};
  for (std::size_t count = 1; count < 15; ++count) {
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < count; ++i) {
      const auto part = CasesOfShard(costs, {i, count});
      EXPECT_TRUE(std::ranges::is_sorted(part));
      all.insert(all.end(), part.begin(), part.end());
    }
    std::ranges::sort(all);
    std::vector<std::size_t> expected(costs.size());
    std::iota(expected.begin(), expected.end(), std::size_t{0});
    EXPECT_EQ(all, expected) << count;
  }
}

TEST(CasesOfShard, HaveAboutTheSameCost) {
  // Three warm-up counts on three machines: k mod 3 would give one machine all the dear ones.
  const std::vector<double> costs{10, 11, 15, 10, 11, 15, 10, 11, 15};
  EXPECT_THAT(CasesOfShard(costs, {0, 3}), ElementsAre(0, 1, 2));
  EXPECT_THAT(CasesOfShard(costs, {1, 3}), ElementsAre(3, 4, 5));
  EXPECT_THAT(CasesOfShard(costs, {2, 3}), ElementsAre(6, 7, 8));
}

TEST(CasesOfShard, AreNoneBeyondTheNumberOfCases) { EXPECT_THAT(CasesOfShard({1, 1}, {2, 3}), IsEmpty()); }

}  // namespace
}  // namespace tbench
