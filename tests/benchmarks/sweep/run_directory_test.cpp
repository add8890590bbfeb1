#include "benchmarks/sweep/run_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "model/support/input_error.h"

namespace tbench {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

const Manifest kRun{.command = "tbench_sweep",
                    .cases = {"a", "b"},
                    .trials = 10,
                    .shard = {},
                    .binary = "1f",
                    .ceilings = {"ceiling/copy"},
                    .profile = false,
                    .context = {{"seed", "0"}, {"gpu_uuid", "GPU-1"}, {"gpu_count", "8"}}};

template <class Change>
std::vector<std::string> DifferencesAfter(Change change) {
  Manifest here = kRun;
  change(here);
  return Differences(kRun, here);
}

TEST(Manifest, NamesEachThingThatMakesAnotherRun) {
  EXPECT_THAT(DifferencesAfter([](Manifest& m) {
                m.cases = {"a", "c"};
              }),
              ElementsAre("grid: 2 cases there, 2 here, only there is b"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) {
                m.cases = {"a", "b", "c"};
              }),
              ElementsAre("grid: 2 cases there, 3 here, only here is c"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) {
                m.cases = {"b", "a"};
              }),
              ElementsAre("grid: 2 cases there, 2 here, in another order"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.trials = 9; }), ElementsAre("trials: 10 there, 9 here"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.shard = {1, 2}; }), ElementsAre("shard: 0/1 there, 1/2 here"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.binary = "2f"; }),
              ElementsAre("benchmark program: hash 1f there, 2f here"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.ceilings.clear(); }), ElementsAre("ceilings: 1 there, 0 here"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.profile = true; }), ElementsAre("profile: here, not there"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.context["seed"] = "1"; }), ElementsAre("seed: '0' there, '1' here"));
  EXPECT_THAT(DifferencesAfter([](Manifest& m) { m.context["gpu_uuid"] = "GPU-2"; }),
              ElementsAre("gpu_uuid: 'GPU-1' there, 'GPU-2' here: another GPU"));
}

TEST(Manifest, IsOfTheSameRunWhateverItsCommandAndHowManyGpusAreVisible) {
  EXPECT_THAT(DifferencesAfter([](Manifest& m) {
                m.command = "another";
                m.context["gpu_count"] = "1";
              }),
              IsEmpty());
}

class RunDirectories : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(run_); }
  void TearDown() override { fs::remove_all(folder_); }

  const fs::path folder_ = testing::TempDir() + "run_directory_test." + std::to_string(getpid());
  const fs::path run_ = folder_ / "run", elsewhere_ = folder_ / "elsewhere";
};

TEST_F(RunDirectories, TakeNoLinkForAFolderOfTheirOwn) {
  { const RunDirectory begun(run_, kRun); }
  fs::create_directory(elsewhere_);
  std::ofstream(elsewhere_ / "mine.partial") << "precious";
  for (const char* folder : {"cases", "traces"}) {
    fs::remove_all(run_ / folder);
    fs::create_directory_symlink(elsewhere_, run_ / folder);
    EXPECT_THAT([&] { RunDirectory(run_, kRun); },
                ThrowsMessage<InputError>(HasSubstr((run_ / folder).string() + "' is a link")));
    fs::remove(run_ / folder);
  }
  EXPECT_TRUE(fs::exists(elsewhere_ / "mine.partial"));
}

TEST_F(RunDirectories, TakeNoLinkForTheirLock) {
  fs::create_symlink(elsewhere_, run_ / "sweep.lock");
  EXPECT_ANY_THROW(RunDirectory(run_, kRun));
  EXPECT_FALSE(fs::exists(elsewhere_));
}

}  // namespace
}  // namespace tbench
