#include "model/spec/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "model/support/input_error.h"
#include "tests/bad_input.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(ModelConfig, SurvivesBeingPrintedAndParsed) {
  for (const BuiltInModel& model : kBuiltInModels) EXPECT_EQ(ParseModelConfig(ToString(model.config)), model.config);
}

TEST(ModelConfig, IsReadWithItsKeysInAnyOrder) {
  EXPECT_EQ(ParseModelConfig("heads:2,layers:1,d_ff:8,d_model:4,vocab:5"), (ModelConfig{5, 4, 8, 1, 2}));
}

class BadModels : public testing::TestWithParam<BadInput> {};

TEST_P(BadModels, AreRefusedWithAReason) {
  EXPECT_THAT([] { ParseNamedModel(GetParam().text); }, ThrowsMessage<InputError>(HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadModels,
    testing::Values(BadInput{"NoEquals", "mine", "expected NAME=vocab:V"},
                    BadInput{"EmptyName", "=vocab:1", "expected [A-Za-z0-9]"},
                    BadInput{"SlashInName", "a/b=vocab:1", "model name 'a/b'"},
                    BadInput{"LongName", "a234567890123456789012345678901234567890123456789012345678901234x=vocab:1",
                             "at most 64"},
                    BadInput{"UnknownField", "m=vocab:1,d_modell:2", "did you mean 'd_model'?"},
                    BadInput{"MissingField", "m=vocab:1,d_model:2,d_ff:2,layers:1", "heads is missing"},
                    BadInput{"DoubledField", "m=vocab:1,vocab:2", "vocab is given twice"},
                    BadInput{"NoNumber", "m=vocab", "expected vocab:NUMBER"},
                    BadInput{"Zero", "m=vocab:0", "not a whole number of at least 1"},
                    BadInput{"Negative", "m=vocab:-1", "not a whole number of at least 1"},
                    BadInput{"Fraction", "m=vocab:1.5", "not a whole number of at least 1"},
                    BadInput{"HeadsDoNotDivide", "m=vocab:1,d_model:10,d_ff:2,layers:1,heads:3", "do not divide"},
                    BadInput{"OddHeadSize", "m=vocab:1,d_model:9,d_ff:2,layers:1,heads:3", "is odd"},
                    BadInput{"DashFirst", "-a=vocab:1", "model name '-a'"},
                    BadInput{"FieldOverflows", "m=vocab:2147483649,d_model:2,d_ff:2,layers:1,heads:1", "overflows"},
                    BadInput{"NumberOverflows", "m=vocab:99999999999999999999", "too large"},
                    BadInput{"ParametersOverflow", "m=vocab:2000000000,d_model:2000000000,d_ff:2,layers:1,heads:1",
                             "parameters overflows"}),
    [](const auto& suite) { return std::string(suite.param.name); });

TEST(ModelConfig, TakesTheLongestNameAndTheLargestNumber) {
  const std::string name(64, 'a');
  const NamedModel model = ParseNamedModel(name + "=vocab:2147483648,d_model:2,d_ff:2,layers:1,heads:1");
  EXPECT_EQ(model.name, name);
  EXPECT_EQ(model.config.vocab, 2'147'483'648);
}

TEST(ModelTable, GivesANameOneMeaning) {
  ModelTable table;
  table.Add({"mine", {5, 4, 8, 1, 2}});
  table.Add({"mine", {5, 4, 8, 1, 2}});
  EXPECT_EQ(table.models().size(), kBuiltInModels.size() + 1);
  EXPECT_THROW(table.Add({"mine", {6, 4, 8, 1, 2}}), InputError);
  EXPECT_THROW(table.Add({"small", {5, 4, 8, 1, 2}}), InputError);
}

TEST(ModelTable, SuggestsTheNearestName) {
  EXPECT_THAT([] { ModelTable().Find("smal"); }, ThrowsMessage<InputError>(HasSubstr("did you mean 'small'?")));
}

}  // namespace
}  // namespace tbench
