#include "analysis/verdicts/kernel_figures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tbench {
namespace {

using testing::ElementsAre;

const Kernel kNorm{.operation = Kernel::Operation::kRmsNorm, .rows = 8, .width = 16};
const Kernel kAdamW{.operation = Kernel::Operation::kAdamW, .element = Element::kBf16, .parameters = 8};

void AddRow(RunFile& run, const std::string& name, std::optional<double> time_us,
            const std::map<std::string, double>& counters, const std::optional<std::string>& error = {}) {
  run.rows.push_back({.name = name, .real_time_us = time_us, .counters = counters, .label = "", .error = error});
}

KernelFigure Figure(const Kernel& kernel, double time_us, std::optional<double> bytes_per_second,
                    std::optional<double> of_copy) {
  return {.kernel = kernel,
          .time_us = time_us,
          .bytes_per_second = bytes_per_second,
          .of_copy = of_copy,
          .flops_per_second = {},
          .of_gemm = {},
          .error = {}};
}

TEST(KernelFigures, AreMediansAndSharesOfTheCopyInTheOrderOfTheFile) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kAdamW), 7, {{"bytes_per_second", 3e12}});
  AddRow(run, RowName(kNorm), 90, {{"bytes_per_second", 1e12}});
  AddRow(run, RowName(kNorm), 11, {{"bytes_per_second", 2.5e12}});
  AddRow(run, "ceiling/copy/bytes:1024", 1, {{"bytes_per_second", 4e12}});
  EXPECT_THAT(KernelFigures(run), ElementsAre(Figure(kNorm, 11, 2e12, 0.5), Figure(kAdamW, 7, 3e12, 0.75)));
}

TEST(KernelFigures, HaveNoShareWithoutACopyAndNoRateWithoutItsCounter) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kAdamW), 7, {});
  EXPECT_THAT(KernelFigures(run), ElementsAre(Figure(kNorm, 10, 2e12, {}), Figure(kAdamW, 7, {}, {})));
}

TEST(KernelFigures, OfAProductAlsoTellTheShareOfTheGemmOfItsPrecision) {
  const Kernel product{
      .operation = Kernel::Operation::kSwiGluProduct, .element = Element::kBf16, .rows = 8, .in = 8, .width = 8};
  RunFile run;
  for (const double flops : {6e14, 4e14, 5e14}) {
    AddRow(run, RowName(product), 10, {{"bytes_per_second", 2e12}, {"flops_per_second", flops}});
  }
  AddRow(run, "ceiling/gemm/precision:bf16/size:8192", 1, {{"flops_per_second", 8e14}});
  AddRow(run, "ceiling/gemm/precision:fp32/size:8192", 1, {{"flops_per_second", 1e13}});
  KernelFigure expected = Figure(product, 10, 2e12, {});
  expected.flops_per_second = 5e14;
  expected.of_gemm = 0.625;
  EXPECT_THAT(KernelFigures(run), ElementsAre(expected));
}

TEST(KernelFigures, OfAFailedKernelAreItsError) {
  RunFile run;
  AddRow(run, RowName(kNorm), 10, {{"bytes_per_second", 2e12}});
  AddRow(run, RowName(kNorm), {}, {}, "out_of_memory: 9 GB");
  EXPECT_THAT(KernelFigures(run), ElementsAre(KernelFigure{.kernel = kNorm, .error = "out_of_memory: 9 GB"}));
}

TEST(KernelFigures, LeaveOutWhatTheyDoNotKnow) {
  RunFile run;
  AddRow(run, "kernel/flash_attention/direction:forward", 10, {});
  AddRow(run, "ceiling/launch", 1, {});
  EXPECT_TRUE(KernelFigures(run).empty());
}

}  // namespace
}  // namespace tbench
