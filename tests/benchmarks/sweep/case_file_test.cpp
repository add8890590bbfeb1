#include "benchmarks/sweep/case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "benchmarks/sweep/outcome.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using testing::ThrowsMessage;

const Case kCase{.model = "small", .context = 128, .warmups = 1};

Json Row(const Case& c, int trials, int index, double time) {
  return {{"name", RowName(c, trials)}, {"run_name", RowName(c, trials)},
          {"run_type", "iteration"},    {"repetitions", trials},
          {"repetition_index", index},  {"iterations", 1},
          {"real_time", time},          {"cpu_time", time},
          {"time_unit", "us"},          {"end_to_end_us", time + 1}};
}

Json GoodFile(int trials = 3) {
  Json file{{"context", {{"date", "today"}}}, {"benchmarks", Json::array()}};
  for (int i = 0; i < trials; ++i) file["benchmarks"].push_back(Row(kCase, trials, i, 10.0 * (i + 1)));
  file["benchmarks"][0]["setup_us"] = 1000;
  file["benchmarks"][0]["warmup_us"] = 100;
  Json mean = Row(kCase, trials, 0, 20);
  mean["run_type"] = "aggregate";
  mean.erase("repetition_index");
  file["benchmarks"].push_back(mean);
  return file;
}

CaseFile Parse(const Json& json) { return ParseCaseFile(json.dump(), kCase, 3); }

TEST(ParseJson, TakesValuesThatAreSixtyFourDeep) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + "0" + std::string(depth, ']'); };
  EXPECT_EQ(ParseJson(nested(64)).dump(), nested(64));
  EXPECT_THAT([&] { ParseJson(nested(65)); }, ThrowsMessage<BadCaseFile>(HasSubstr("nested more than 64 deep")));
}

TEST(CaseFile, IsGoodWithEveryTrialOnce) {
  const CaseFile file = Parse(GoodFile());
  EXPECT_FALSE(file.failed());
  EXPECT_EQ(file.median_us, 20);
  EXPECT_EQ(file.setup_us, 1000);
  EXPECT_EQ(file.steps_us, 11 + 21 + 31 + 100);
  EXPECT_EQ(file.json, GoodFile());
}

TEST(CaseFile, IsFailedWithOneErroredRow) {
  Json json = GoodFile();
  json["benchmarks"][1]["error_occurred"] = true;
  json["benchmarks"][1]["error_message"] = "out_of_memory: 3 GB";
  json["benchmarks"].erase(2);
  EXPECT_EQ(Parse(json).error, "out_of_memory: 3 GB");
}

TEST(CaseFile, IsBadWhenCutAnywhere) {
  const std::string text = GoodFile().dump(1);
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_THROW(ParseCaseFile(text.substr(0, length), kCase, 3), BadCaseFile) << length;
  }
}

TEST(CaseFile, IsBadWhenItsRowsAreNotTheCases) {
  const auto with = [](auto change) {
    return [change] {
      Json json = GoodFile();
      change(json["benchmarks"]);
      Parse(json);
    };
  };
  EXPECT_THAT(with([](Json& rows) { rows.erase(2); }), ThrowsMessage<BadCaseFile>(HasSubstr("2 of 3 trials")));
  EXPECT_THAT(with([](Json& rows) { rows.clear(); }), ThrowsMessage<BadCaseFile>(HasSubstr("0 of 3 trials")));
  EXPECT_THAT(with([](Json& rows) { rows.push_back(rows[1]); }),
              ThrowsMessage<BadCaseFile>(HasSubstr("trial 1 twice")));
  EXPECT_THAT(with([](Json& rows) { rows[1]["repetition_index"] = 3; }),
              ThrowsMessage<BadCaseFile>(HasSubstr("trial 3 of 3")));
  EXPECT_THAT(with([](Json& rows) { rows[1]["run_name"] = RowName({.model = "xl", .context = 1}, 3); }),
              ThrowsMessage<BadCaseFile>(HasSubstr("model:xl")));
  EXPECT_THROW(with([](Json& rows) { rows[1].erase("real_time"); })(), BadCaseFile);
  EXPECT_THROW(with([](Json& rows) { rows = Json("x"); })(), BadCaseFile);
}

// What no report could read: the case would be done, and missing there.
TEST(CaseFile, IsBadWithATimeThatReadersCannotUse) {
  const auto with = [](const char* key, const Json& value) {
    return [=] {
      Json json = GoodFile();
      json["benchmarks"][1][key] = value;
      Parse(json);
    };
  };
  for (const Json& time : {Json(0), Json(-1.5), Json(1e-7), Json(1e16), Json("10"), Json(true), Json()}) {
    EXPECT_THAT(with("real_time", time), ThrowsMessage<BadCaseFile>(HasSubstr("real_time is " + time.dump())));
  }
  for (const Json& unit : {Json("ms"), Json(""), Json(1), Json()}) {
    EXPECT_THAT(with("time_unit", unit), ThrowsMessage<BadCaseFile>(HasSubstr("time_unit is " + unit.dump())));
  }
}

TEST(CaseFile, IsBadWithABareNan) {
  std::string text = GoodFile().dump();
  text.replace(text.find("10.0"), 4, "NaN");
  EXPECT_THROW(ParseCaseFile(text, kCase, 3), BadCaseFile);
}

TEST(ErrorCaseFile, IsAFailedCaseWithTheFullName) {
  const Json json = ErrorCaseFile(kCase, 10, {{"device", "cpu"}}, "crashed: so it goes");
  const CaseFile file = ParseCaseFile(ToText(json), kCase, 10);
  EXPECT_EQ(file.error, "crashed: so it goes");
  EXPECT_EQ(json["benchmarks"][0]["name"], CaseName(kCase) + "/iterations:1/repeats:10/manual_time");
  EXPECT_EQ(json["benchmarks"][0]["real_time"], 0);
}

TEST(ErrorCaseFile, SurvivesALogThatIsNoText) {
  const Json json = ErrorCaseFile(kCase, 10, {}, "crashed: \xff\xfe");
  EXPECT_NO_THROW(Json::parse(ToText(json)));
}

TEST(DescribeFailure, NamesTheSignalAndWhatWasPrinted) {
  ChildEnd end{.exited = false, .code = SIGSEGV, .timed_out = false, .interrupted_by = {}};
  EXPECT_EQ(DescribeFailure(end, {}, "it is empty", "one\n\ntwo\x1b[0m\r\n"),
            "crashed: killed by SIGSEGV (Segmentation fault); last output: one | two [0m ");
  end.code = SIGKILL;
  EXPECT_THAT(DescribeFailure(end, {}, "it is empty", ""), HasSubstr("out-of-memory killer"));
}

TEST(DescribeFailure, SaysWhatIsWrongWithAResultThatLookedGood) {
  const ChildEnd end{.exited = true, .code = 0, .timed_out = false, .interrupted_by = {}};
  EXPECT_EQ(DescribeFailure(end, {}, "it is empty", ""), "crashed: exit code 0, but its result is bad: it is empty");
}

TEST(DescribeFailure, NamesTheTimeLimit) {
  const ChildEnd end{.exited = false, .code = SIGTERM, .timed_out = true, .interrupted_by = {}};
  EXPECT_EQ(DescribeFailure(end, std::chrono::seconds(90), "", ""), "timed_out: not done after 90 s");
}

TEST(WithoutHeader, LeavesWhatTheCaseItselfPrinted) {
  const Json context{{"device", "cpu"}, {"threads", "1"}};
  const std::string header = "Load Average: 1\ndevice: cpu\nthreads: 1\n***WARNING*** DEBUG\n";
  EXPECT_EQ(WithoutHeader(header + "terminate called\n", context), "terminate called\n");
  EXPECT_EQ(WithoutHeader(header, context), "");
  EXPECT_EQ(WithoutHeader("device: cpu\n***WARN", context), "");
  EXPECT_EQ(WithoutHeader("cannot load libcuda.so\n", context), "cannot load libcuda.so\n");
  EXPECT_EQ(WithoutHeader("", context), "");
}

TEST(LastLines, AreFewAndShort) {
  EXPECT_EQ(LastLines("a\nb\nc\nd\n"), "b | c | d");
  EXPECT_LT(LastLines(std::string(100'000, 'x')).size(), 1000);
  EXPECT_EQ(LastLines("--------\n   \n"), "");
}

}  // namespace
}  // namespace tbench
