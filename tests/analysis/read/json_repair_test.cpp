#include "analysis/read/json_repair.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(WithoutBareNumbers, ReplacesNaNAndInfinityByNull) {
  EXPECT_EQ(WithoutBareNumbers(R"({"a": NaN, "b": -NaN,"c":Infinity, "d": [-Infinity,1]})"),
            R"({"a": null, "b": null,"c":null, "d": [null,1]})");
}

TEST(WithoutBareNumbers, LeavesStringsAlone) {
  const std::string text = R"({"NaN": "the loss is NaN, \"-Infinity\" \\", "x": -1.5e-3})";
  EXPECT_EQ(WithoutBareNumbers(text), text);
}

TEST(WithoutBareNumbers, LeavesAStringWithoutItsEndAlone) {
  EXPECT_EQ(WithoutBareNumbers(R"({"a": "NaN)"), R"({"a": "NaN)");
  EXPECT_EQ(WithoutBareNumbers(R"({"a": "NaN\)"), R"({"a": "NaN\)");
  EXPECT_EQ(WithoutBareNumbers(R"({"a": Na)"), R"({"a": Na)");
}

TEST(ObjectAfterKey, EndsWhereItsOwnBraceDoes) {
  EXPECT_EQ(ObjectAfterKey(R"({"context" : {"a": {"b": "}"}, "c": "\"}"}, "d": {}})", "context"),
            R"({"a": {"b": "}"}, "c": "\"}"})");
}

TEST(ObjectAfterKey, IsEmptyIfMissingCutOffOrNoObject) {
  for (const char* text : {"", "{}", R"({"context")", R"({"context":)", R"({"context": )", R"({"context": {"a": 1)",
                           R"({"context": 1})", R"({"a": "context"})", R"({"a": "\"context\": {}"})"}) {
    EXPECT_EQ(ObjectAfterKey(text, "context"), "") << text;
  }
}

TEST(ObjectsOfArray, AreThoseThatAreComplete) {
  EXPECT_THAT(ObjectsOfArray(R"({"rows": [{"a": 1}, {"b": "]}"} , {"c": {}},{"d": "}]})", "rows"),
              ElementsAre(R"({"a": 1})", R"({"b": "]}"})", R"({"c": {}})"));
}

TEST(ObjectsOfArray, EndWithTheArray) {
  EXPECT_THAT(ObjectsOfArray(R"({"rows": [{"a": 1}], "others": [{"b": 2}]})", "rows"), ElementsAre(R"({"a": 1})"));
  for (const char* text : {"", R"({"rows")", R"({"rows": )", R"({"rows": [)", R"({"rows": []})", R"({"rows": {}})"}) {
    EXPECT_THAT(ObjectsOfArray(text, "rows"), IsEmpty()) << text;
  }
}

}  // namespace
}  // namespace tbench
