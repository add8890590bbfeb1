#include "analysis/verdicts/kernel_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tbench {
namespace {

using testing::ElementsAre;

const Kernel kNorm{.operation = Kernel::Operation::kRmsNorm, .rows = 8, .width = 16};
const Kernel kAdamW{.operation = Kernel::Operation::kAdamW, .precision = Precision::kBf16, .parameters = 8};

void AddRow(RunFile& run, const std::string& name, std::optional<double> time_us,
            const std::map<std::string, double>& counters, const std::optional<std::string>& error = {}) {
  run.rows.push_back({.name = name, .real_time_us = time_us, .counters = counters, .label = "", .error = error});
}

TEST(KernelFigures, AreMediansAndSharesOfTheCopyInTheOrderOfTheFile) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kAdamW), 7, {{"bytes_per_second", 3e12}});
  AddRow(run, RowName(kNorm), 90, {{"bytes_per_second", 1e12}});
  AddRow(run, RowName(kNorm), 11, {{"bytes_per_second", 2.5e12}});
  AddRow(run, "ceiling/copy/bytes:1024", 1, {{"bytes_per_second", 4e12}});
  EXPECT_THAT(KernelFigures(run),
              ElementsAre(KernelFigure{kNorm, 11, 2e12, 0.5, {}}, KernelFigure{kAdamW, 7, 3e12, 0.75, {}}));
}

TEST(KernelFigures, HaveNoShareWithoutACopyAndNoRateWithoutItsCounter) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kAdamW), 7, {});
  EXPECT_THAT(KernelFigures(run),
              ElementsAre(KernelFigure{kNorm, 10, 2e12, {}, {}}, KernelFigure{kAdamW, 7, {}, {}, {}}));
}

TEST(KernelFigures, OfAFailedKernelAreItsError) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kNorm), {}, {}, "out_of_memory: 9 GB");
  EXPECT_THAT(KernelFigures(run), ElementsAre(KernelFigure{kNorm, {}, {}, {}, "out_of_memory: 9 GB"}));
}

TEST(KernelFigures, LeaveOutWhatTheyDoNotKnow) {
  RunFile run;
  AddRow(run, "kernel/flash_attention/direction:forward", 10, {});
  AddRow(run, "ceiling/launch", 1, {});
  EXPECT_TRUE(KernelFigures(run).empty());
}

}  // namespace
}  // namespace tbench
