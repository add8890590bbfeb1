// One run of each schema that ever was published, read by a version that has an axis and a model's key more.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "analysis/gate/comparison.h"
#include "analysis/report/report.h"
#include "analysis/report/summary.h"
#include "analysis/verdicts/ceilings.h"
#include "benchmarks/sweep/read_part.h"
#include "model/support/atomic_file.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::IsEmpty;

RunFile Read(const fs::path& path) {
  RunFile run = ParseRunFile(ReadFile(path));
  run.source = path.filename().string();
  return run;
}

std::vector<std::string> Names(const std::vector<Record>& records) {
  std::vector<std::string> names;
  for (const Record& record : records) names.push_back(CaseName(record.c));
  return names;
}

class OldRun : public testing::TestWithParam<std::string> {
 protected:
  const fs::path folder_ = fs::path(TBENCH_OLD_RUNS) / GetParam();
  const fs::path run_ = folder_ / "run.json", peers_ = folder_ / "peers.json";

  std::vector<RunFile> Files() const {
    std::vector<RunFile> files{Read(run_)};
    if (fs::exists(peers_)) files.push_back(Read(peers_));
    return files;
  }
};

TEST_P(OldRun, IsSummarizedToTheByte) {
  const Records records = ToRecords(Files());
  EXPECT_THAT(records.problems, IsEmpty());
  EXPECT_EQ(MakeSummary(records.records), ReadFile(folder_ / "summary.md"));
  EXPECT_EQ(records.peers.empty(), !fs::exists(peers_));
}

TEST_P(OldRun, HasTheNamesThatItAlwaysHad) {
  const std::string text = ReadFile(run_);
  for (const std::string& name : Names(ToRecords(Files()).records)) {
    EXPECT_NE(text.find("\"" + name + "/iterations:1/"), std::string::npos) << name;
  }
}

TEST_P(OldRun, IsABaselineOfTheGate) {
  const RunFile run = Read(run_);
  const Comparison comparison = CompareRuns(run, run, GateOptions{});
  EXPECT_THAT(comparison.problems, IsEmpty());
  EXPECT_EQ(comparison.Count(GateVerdict::kSame), comparison.cases.size());
}

TEST_P(OldRun, IsMerged) {
  const MergedRun merged = MergeRuns({ReadRunPart(run_.string())});
  EXPECT_THAT(merged.missing, IsEmpty());
  const RunFile before = Read(run_), after = ParseRunFile(ToText(merged.json));
  EXPECT_EQ(after.rows.size(), before.rows.size());
  EXPECT_EQ(MakeSummary(ToRecords({after}).records), MakeSummary(ToRecords({before}).records));
  EXPECT_EQ(ToCeilings(after).drifts, ToCeilings(before).drifts);
}

std::vector<std::string> OldRuns() {
  std::vector<std::string> folders;
  for (const auto& entry : fs::directory_iterator(TBENCH_OLD_RUNS)) {
    if (entry.is_directory()) folders.push_back(entry.path().filename());
  }
  std::ranges::sort(folders);
  return folders;
}

INSTANTIATE_TEST_SUITE_P(OldRuns, OldRun, testing::ValuesIn(OldRuns()), [](const auto& suite) { return suite.param; });

TEST(OldCeilings, WhoseNamesStandTwiceAreOfTheStartAndTheEnd) {
  const Ceilings ceilings = ToCeilings(Read(TBENCH_OLD_RUNS "/ceilings/run.json"));
  std::vector<std::string> names;
  for (const CeilingDrift& drift : ceilings.drifts) names.push_back(drift.name);
  EXPECT_THAT(names, testing::ElementsAre("ceiling/gemm/precision:fp32/size:8192", "ceiling/copy/bytes:1073741824"));
  EXPECT_THAT(ToCeilings(Read(TBENCH_OLD_RUNS "/merged/run.json")).drifts, IsEmpty()) << "of several machines";
}

}  // namespace
}  // namespace tbench
