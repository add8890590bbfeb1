#include "benchmarks/names/case.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks/names/grid.h"
#include "model/support/input_error.h"
#include "tests/bad_input.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

const char* const kName =
    "transformer_step/model:small/context:128/pass:forward/precision:fp32/attention:naive/kernels:composed/"
    "launch:eager/batch:4/warmups:5";

TEST(CaseName, NamesEveryAxis) {
  const Case c{.model = "small", .context = 128, .warmups = 5};
  EXPECT_EQ(CaseName(c), kName);
  EXPECT_EQ(RowName(c, 10), std::string(kName) + "/iterations:1/repeats:10/manual_time");
}

TEST(CaseName, RebuildsEveryCaseOfEveryPreset) {
  for (const std::string& preset : PresetNames()) {
    for (const Case& c : BuildGrid({.preset = preset, .own_models = {}, .axes = {}}, false).cases) {
      EXPECT_EQ(ParseCaseName(CaseName(c)), c);
      EXPECT_EQ(ParseCaseName(RowName(c, 10)), c);
    }
  }
}

TEST(CaseName, RebuildsEveryValueOfEveryAxis) {
  for (const Axis& axis : Axes()) {
    for (const std::string& value : axis.values) {
      Case c = ParseCaseName(kName);
      axis.Set(value, c);
      EXPECT_EQ(axis.print(c), value);
      EXPECT_EQ(ParseCaseName(CaseName(c)), c);
    }
  }
}

std::string Replace(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

class BadNames : public testing::TestWithParam<BadInput> {};

TEST_P(BadNames, AreRefusedWithAReason) {
  EXPECT_THAT([] { ParseCaseName(GetParam().text); }, ThrowsMessage<InputError>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadNames,
    testing::Values(BadInput{"Empty", "", "is not a transformer_step case"},
                    BadInput{"OtherFamily", "ceiling/copy", "is not a transformer_step case"},
                    BadInput{"MissingAxis", Replace(kName, "/batch:4", ""), "expected batch:VALUE"},
                    BadInput{"AxisTwice", Replace(kName, "/batch:4", "/batch:4/batch:4"), "expected warmups:VALUE"},
                    BadInput{"EmptyValue", Replace(kName, "batch:4", "batch:"), "expected batch:VALUE"},
                    BadInput{"UnknownValue", Replace(kName, "fp32", "fp23"), "did you mean 'fp32'?"},
                    BadInput{"ZeroBatch", Replace(kName, "batch:4", "batch:0"), "at least 1"},
                    BadInput{"Trailing", std::string(kName) + "/threads:2", "'threads:2' is no axis"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(ShortName, HasTheModelAndTheAxesThatVary) {
  const Case c{.model = "small", .context = 128};
  const Case longer{.model = "small", .context = 256, .warmups = 5};
  EXPECT_EQ(ShortName(c, {c, longer}), "small context:128 warmups:0");
  EXPECT_EQ(ShortName(longer, {c, longer}), "small context:256 warmups:5");
  EXPECT_EQ(ShortName(c, {c}), "small");
}

}  // namespace
}  // namespace tbench
