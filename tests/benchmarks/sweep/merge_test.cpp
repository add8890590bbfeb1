#include "benchmarks/sweep/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks/sweep/run_context.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

std::string Name(int context) { return CaseName({.model = "small", .context = context}); }

RunPart Part(const std::string& source, const std::vector<int>& contexts, const std::vector<int>& grid = {}) {
  RunPart part{.source = source,
               .json = {{"context", {{"date", source}, {"cpu_name", "a cpu"}, {"command", "sweep " + source}}},
                        {"benchmarks", Json::array()}},
               .grid = {},
               .program = {}};
  for (const int context : contexts) {
    for (int trial = 0; trial < 2; ++trial) {
      part.json["benchmarks"].push_back({{"run_name", Name(context) + "/iterations:1/repeats:2/manual_time"},
                                         {"family_index", 0},
                                         {"repetition_index", trial}});
    }
  }
  for (const int context : grid) part.grid.push_back(Name(context));
  return part;
}

std::vector<std::string> FamiliesOf(const Json& run) {
  std::vector<std::string> families;
  for (const Json& row : run["benchmarks"]) {
    const auto name = row["run_name"].get<std::string>();
    families.push_back(row["family_index"].dump() + " " + std::to_string(ParseCaseName(name).context));
  }
  return families;
}

TEST(Merge, OrdersCasesByTheGridAndNumbersThem) {
  const MergedRun run = MergeRuns({Part("a", {2, 4}, {1, 2, 3, 4}), Part("b", {1, 3}, {1, 2, 3, 4})});
  EXPECT_THAT(FamiliesOf(run.json), ElementsAre("0 1", "0 1", "1 2", "1 2", "2 3", "2 3", "3 4", "3 4"));
  EXPECT_THAT(run.missing, IsEmpty());
}

TEST(Merge, ListsTheCasesThatNoPartHas) {
  EXPECT_THAT(MergeRuns({Part("a", {2}, {1, 2, 3}), Part("b", {1}, {1, 2, 3})}).missing, ElementsAre(Name(3)));
}

TEST(Merge, KeepsTheOrderOfPartsWithoutAGrid) {
  EXPECT_THAT(FamiliesOf(MergeRuns({Part("a", {4}), Part("b", {3})}).json), ElementsAre("0 4", "0 4", "1 3", "1 3"));
}

TEST(Merge, RefusesACaseThatTwoPartsHold) {
  EXPECT_THAT(
      [] {
        MergeRuns({Part("a", {1, 2}), Part("b", {2})});
      },
      ThrowsMessage<InputError>(AllOf(HasSubstr("'a' and 'b' both hold"), HasSubstr(Name(2)))));
  EXPECT_THAT([] { MergeRuns({Part("a", {2}), Part("a", {2})}); }, ThrowsMessage<InputError>(HasSubstr("both hold")));
  // Also where their numbers of trials differ.
  RunPart other = Part("b", {2});
  for (Json& row : other.json["benchmarks"]) row["run_name"] = Name(2) + "/iterations:1/repeats:5/manual_time";
  EXPECT_THAT([&] { MergeRuns({Part("a", {2}), other}); }, ThrowsMessage<InputError>(HasSubstr("both hold")));
}

TEST(Merge, RefusesAnotherMachine) {
  RunPart other = Part("b", {2});
  other.json["context"]["cpu_name"] = "another cpu";
  EXPECT_THAT(
      [&] {
        MergeRuns({Part("a", {1}), other});
      },
      ThrowsMessage<InputError>(HasSubstr("cpu_name: 'a cpu' there, 'another cpu' here")));
}

TEST(Merge, RefusesAnotherProgram) {
  RunPart a = Part("a", {1}), b = Part("b", {2});
  a.program = "1";
  EXPECT_NO_THROW(MergeRuns({a, b})) << "a run.json alone does not say";
  b.program = "2";
  EXPECT_THAT(
      [&] {
        MergeRuns({a, b});
      },
      ThrowsMessage<InputError>(HasSubstr("benchmark program: hash 1 there, 2 here")));
}

TEST(Merge, KeepsEveryGpuOfTheSameKind) {
  RunPart a = Part("a", {1}), b = Part("b", {2});
  a.json["context"]["gpu_uuid"] = "GPU-1";
  b.json["context"]["gpu_uuid"] = "GPU-2";
  EXPECT_EQ(MergeRuns({a, b}).json["context"]["gpu_uuid"], "GPU-1, GPU-2");
}

TEST(Merge, KeepsEveryCommandAndEveryModel) {
  RunPart a = Part("a", {1}), b = Part("b", {2});
  a.json["context"]["model.small"] = "1";
  b.json["context"]["model.large"] = "2";
  const Json context = MergeRuns({a, b}).json["context"];
  EXPECT_EQ(context["command"], "sweep a && sweep b");
  EXPECT_EQ(context["model.small"], "1");
  EXPECT_EQ(context["model.large"], "2");
}

TEST(ContextDifferences, IgnoreWhatDiffersBetweenGoodRuns) {
  const Json a{{"date", "1"},      {"host_name", "1"}, {"load_avg", {1, 2}},      {"executable", "1"},
               {"mhz_per_cpu", 1}, {"command", "1"},   {"max_sm_clock_mhz", "1"}, {"seed", "0"}};
  const Json b{{"date", "2"},      {"host_name", "2"}, {"load_avg", {3, 4}},      {"executable", "2"},
               {"mhz_per_cpu", 2}, {"command", "2"},   {"max_sm_clock_mhz", "2"}, {"seed", "0"}};
  EXPECT_THAT(ContextDifferences(a, b), IsEmpty());
}

TEST(ContextDifferences, IgnoreWhichAndHowManyOfEqualGpus) {
  const Json a{{"gpu_uuid", "GPU-1"}, {"gpu_count", "8"}}, b{{"gpu_uuid", "GPU-2"}, {"gpu_count", "1"}};
  EXPECT_THAT(ContextDifferences(a, b), IsEmpty());
  EXPECT_THAT(DifferencesWithinPart(a, b), ElementsAre("gpu_uuid: 'GPU-1' there, 'GPU-2' here: another GPU"));
  EXPECT_THAT(DifferencesWithinPart(a, {{"gpu_count", "1"}}), IsEmpty());
}

TEST(ContextDifferences, IgnoreKeysThatOnlyTheLibraryWrote) {
  const Json written{{"date", "1"}, {"seed", "0"}, {"of_a_newer_library", true}}, described{{"seed", "0"}};
  EXPECT_THAT(ContextDifferences(written, described), IsEmpty());
  EXPECT_THAT(ContextDifferences(described, written), IsEmpty());
  EXPECT_THAT(ContextDifferences({{"date", "1"}}, described), ElementsAre("seed: nothing there, '0' here"));
}

TEST(ContextDifferences, NameWhatOnlyOneHas) {
  EXPECT_THAT(ContextDifferences({{"gpu_name", "G"}}, {{"seed", "1"}}),
              ElementsAre("gpu_name: 'G' there, nothing here", "seed: nothing there, '1' here"));
}

TEST(ContextDifferences, NameAModelWhoseNumbersChanged) {
  EXPECT_THAT(ContextDifferences({{"model.mine", "1"}}, {{"model.mine", "2"}}),
              ElementsAre("model.mine: '1' there, '2' here"));
}

}  // namespace
}  // namespace tbench
