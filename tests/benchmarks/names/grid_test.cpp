#include "benchmarks/names/grid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "benchmarks/names/flags.h"
#include "model/support/input_error.h"
#include "model/support/program.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

BenchFlags Parse(const std::vector<std::string>& arguments) {
  BenchFlags flags;
  ParseCommandLine({.name = "test", .flags = GridFlags(flags)}, arguments);
  return flags;
}

Grid Build(const std::vector<std::string>& arguments, bool gpu_present = false) {
  return BuildGrid(Parse(arguments).grid, gpu_present);
}

TEST(Grid, PublishedIsTheSixtyCasesOfThePublishedTable) {
  const Grid grid = Build({"--grid", "published"});
  EXPECT_EQ(grid.cases.size(), 60);
  std::set<std::string> names;
  for (const Case& c : grid.cases) names.insert(CaseName(c));
  EXPECT_EQ(names.size(), 60);
  EXPECT_TRUE(
      names.contains("transformer_step/model:2.7B/context:256/pass:forward_backward/precision:fp32/"
                     "attention:naive/kernels:composed/launch:eager/batch:4/warmups:5"));
}

TEST(Grid, SeedIsTheOldNameOfPublished) {
  EXPECT_EQ(Build({"--grid", "seed"}).cases, Build({"--grid", "published"}).cases);
  EXPECT_THAT(PresetNames(), testing::Not(testing::Contains("seed")));
}

TEST(Grid, ModernIsEveryPassOfEveryPublishedModelInOneVariant) {
  const Grid grid = Build({"--grid", "modern"});
  EXPECT_EQ(grid.cases.size(), 5 * 4 * 3);
  EXPECT_EQ(CaseName(grid.cases.front()),
            "transformer_step/model:small/context:128/pass:forward/precision:bf16/attention:sdpa/kernels:fused/"
            "launch:graph/batch:4/warmups:5");
  EXPECT_EQ(CaseName(grid.cases.back()),
            "transformer_step/model:2.7B/context:1024/pass:train_step/precision:bf16/attention:sdpa/kernels:fused/"
            "launch:graph/batch:4/warmups:5");
}

TEST(Grid, DefaultsToPublishedWhereAGpuIsAndToQuickElsewhere) {
  EXPECT_EQ(Build({}, true).cases, Build({"--grid", "published"}).cases);
  EXPECT_EQ(Build({}, false).cases, Build({"--grid", "quick"}).cases);
}

TEST(Grid, AFlagReplacesItsAxisOfThePreset) {
  const Grid grid = Build({"--grid", "quick", "--models", "mini", "--contexts=64", "--precisions", "fp32,bf16"});
  EXPECT_EQ(grid.cases.size(), 2 * 2 * 3);
  for (const Case& c : grid.cases) {
    EXPECT_EQ(c.model, "mini");
    EXPECT_EQ(c.context, 64);
  }
}

TEST(Grid, AModelOfOnesOwnSelectsItselfUnlessModelsAreListed) {
  const std::string mine = "mine=vocab:100,d_model:8,d_ff:16,layers:1,heads:2";
  const Grid alone = Build({"--model", mine});
  EXPECT_EQ(alone.cases.front().model, "mine");
  EXPECT_EQ(alone.cases.back().model, "mine");
  EXPECT_EQ(alone.models.Find("mine"), (ModelConfig{100, 8, 16, 1, 2}));
  EXPECT_EQ(Build({"--model", mine, "--models", "tiny,mine"}).cases.size(), 2 * alone.cases.size());
}

TEST(Grid, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT([] { Build({"--grid", "publishd"}); }, ThrowsMessage<InputError>(HasSubstr("did you mean 'published'?")));
  EXPECT_THAT([] { Build({"--models", "tiny,smal"}); }, ThrowsMessage<InputError>(HasSubstr("did you mean 'small'?")));
  EXPECT_THAT([] { Build({"--passes", "backward"}); }, ThrowsMessage<InputError>(HasSubstr("forward_backward")));
  EXPECT_THAT([] { Build({"--warmups", "1,1"}); }, ThrowsMessage<InputError>(HasSubstr("listed twice")));
  EXPECT_THAT([] { Build({"--warmups", "1,,2"}); }, ThrowsMessage<InputError>(HasSubstr("empty element")));
  EXPECT_THAT([] { Build({"--contexts", "0"}); }, ThrowsMessage<InputError>(HasSubstr("at least 1")));
  EXPECT_THAT([] { Build({"--trials", "0"}); }, ThrowsMessage<InputError>(HasSubstr("at least 1")));
  EXPECT_THAT([] { Build({"--device", "gpu"}); }, ThrowsMessage<InputError>(HasSubstr("cuda:0")));
}

TEST(Grid, HasAtMostAHundredThousandCasesAndNumbersOfTwoToThe31) {
  const auto numbers = [](int count) {
    std::string list = "1";
    for (int i = 2; i <= count; ++i) list += "," + std::to_string(i);
    return list;
  };
  const auto build = [&](int contexts, const std::string& batch) {
    return Build({"--grid", "quick", "--models", "tiny", "--contexts", numbers(contexts), "--passes", "forward",
                  "--batch", batch, "--warmups", "1"});
  };
  EXPECT_EQ(build(400, numbers(250)).cases.size(), 100'000);
  EXPECT_THAT([&] { build(400, numbers(251)); }, ThrowsMessage<InputError>(HasSubstr("at most 100000 cases")));
  EXPECT_EQ(build(1, "2147483648").cases.front().batch, 2'147'483'648);
  EXPECT_THAT([&] { build(1, "2147483649"); }, ThrowsMessage<InputError>(HasSubstr("too large; at most 2147483648")));
}

TEST(Flags, SurviveBeingPrintedAndParsed) {
  const BenchFlags flags =
      Parse({"--grid=quick", "--model=mine=vocab:100,d_model:8,d_ff:16,layers:1,heads:2", "--models=tiny,mine",
             "--warmups=0,2", "--trials=3", "--device=cuda:1", "--threads=2", "--seed=7"});
  EXPECT_EQ(flags.device, (DeviceChoice{DeviceChoice::Kind::kCuda, 1}));
  EXPECT_EQ(flags.seed, 7);
  EXPECT_EQ(Parse(ToArguments(flags)), flags);
  EXPECT_EQ(Parse(ToArguments(BenchFlags{})), BenchFlags{});
}

}  // namespace
}  // namespace tbench
