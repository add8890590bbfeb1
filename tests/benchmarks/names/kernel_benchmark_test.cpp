#include "benchmarks/names/kernel_benchmark.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "benchmarks/names/grid.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::ElementsAre;
using testing::Pair;

using Direction = Kernel::Direction;
using Operation = Kernel::Operation;

std::vector<Kernel> KernelsOfGrid(const std::map<std::string, std::string>& axes) {
  const Grid grid = BuildGrid({.preset = "published", .own_models = {}, .axes = axes}, true);
  return KernelsOf(grid.cases, grid.models, true);
}

std::vector<std::string> Names(const std::vector<Kernel>& kernels) {
  std::vector<std::string> names;
  for (const Kernel& kernel : kernels) names.push_back(KernelName(kernel));
  return names;
}

TEST(Kernels, AreEveryOperationAtTheSizesOfTheFusedCases) {
  EXPECT_THAT(
      Names(KernelsOfGrid({{"model", "small"}, {"context", "1024"}, {"precision", "bf16"}, {"kernels", "fused"}})),
      ElementsAre(
          "kernel/embedding/direction:forward/precision:bf16/rows:4096/vocab:10000/width:768",
          "kernel/embedding/direction:backward/precision:bf16/rows:4096/vocab:10000/width:768",
          "kernel/rms_norm/direction:forward/precision:bf16/rows:4096/width:768",
          "kernel/rms_norm/direction:backward/precision:bf16/rows:4096/width:768",
          "kernel/rotary_embedding/direction:forward/precision:bf16/rows:4096/context:1024/heads:12/head_size:64",
          "kernel/rotary_embedding/direction:backward/precision:bf16/rows:4096/context:1024/heads:12/"
          "head_size:64",
          "kernel/rotary_product/precision:bf16/rows:4096/in:768/context:1024/heads:12/head_size:64",
          "kernel/causal_softmax/direction:forward/precision:bf16/matrices:48/context:1024",
          "kernel/causal_softmax/direction:backward/precision:bf16/matrices:48/context:1024",
          "kernel/swiglu/direction:forward/precision:bf16/rows:4096/width:3072",
          "kernel/swiglu/direction:backward/precision:bf16/rows:4096/width:3072",
          "kernel/swiglu_product/direction:forward/precision:bf16/rows:4096/in:768/width:3072",
          "kernel/swiglu_product/direction:backward/precision:bf16/rows:4096/in:768/width:3072",
          "kernel/cross_entropy/direction:forward/precision:bf16/rows:4096/vocab:10000",
          "kernel/cross_entropy/direction:backward/precision:bf16/rows:4096/vocab:10000",
          "kernel/adamw/precision:bf16/parameters:128625408"));
}

TEST(Kernels, OfShortAttentionAreOfShortBf16CasesThatWriteNoScores) {
  const Grid grid = BuildGrid({.preset = "published",
                               .own_models = {{"odd", {.vocab = 8, .d_model = 48, .d_ff = 8, .layers = 1, .heads = 2}}},
                               .axes = {{"model", "odd,small,2.7B"},
                                        {"context", "128,256,264"},
                                        {"precision", "fp32,tf32,bf16"},
                                        {"attention", "naive,sdpa,cudnn"},
                                        {"kernels", "fused"}}},
                              true);
  std::vector<Kernel> kernels = KernelsOf(grid.cases, grid.models, true);
  std::erase_if(kernels, [](const Kernel& kernel) { return kernel.operation != Operation::kShortAttention; });
  EXPECT_THAT(
      Names(kernels),
      ElementsAre(
          "kernel/short_attention/direction:forward/precision:bf16/rows:512/context:128/heads:12/head_size:64",
          "kernel/short_attention/direction:backward/precision:bf16/rows:512/context:128/heads:12/head_size:64",
          "kernel/short_attention/direction:forward/precision:bf16/rows:1024/context:256/heads:12/head_size:64",
          "kernel/short_attention/direction:backward/precision:bf16/rows:1024/context:256/heads:12/head_size:64",
          "kernel/short_attention/direction:forward/precision:bf16/rows:512/context:128/heads:32/head_size:80",
          "kernel/short_attention/direction:backward/precision:bf16/rows:512/context:128/heads:32/head_size:80",
          "kernel/short_attention/direction:forward/precision:bf16/rows:1024/context:256/heads:32/head_size:80",
          "kernel/short_attention/direction:backward/precision:bf16/rows:1024/context:256/heads:32/"
          "head_size:80"));
}

TEST(Kernels, WithAProductInThemAreOfDevicesThatHaveThem) {
  const Grid grid = BuildGrid(
      {.preset = "published", .own_models = {}, .axes = {{"precision", "fp32,bf16"}, {"kernels", "fused"}}}, true);
  const auto count = [&](bool has_fused_products) {
    const std::vector<Kernel> kernels = KernelsOf(grid.cases, grid.models, has_fused_products);
    return std::ranges::count_if(kernels, [](const Kernel& kernel) { return FlopsOf(kernel) > 0; });
  };
  EXPECT_EQ(count(true), 3 * 5 * 2) << "of each model and context, in BF16 alone";
  EXPECT_EQ(count(false), 0);
}

TEST(Kernels, OfSeveralCasesComeOnce) {
  const std::map<std::string, std::string> one{{"model", "small"}, {"context", "128"}, {"kernels", "fused"}};
  std::map<std::string, std::string> more = one;
  more["precision"] = "fp32,tf32";  // of the same type
  more["kernels"] = "composed,fused";
  more["pass"] = "forward,train_step";
  EXPECT_EQ(KernelsOfGrid(more), KernelsOfGrid(one));
  more["batch"] = "4,8";
  // The optimizer does not know the batch.
  EXPECT_EQ(KernelsOfGrid(more).size(), 2 * KernelsOfGrid(one).size() - 1);
  EXPECT_TRUE(KernelsOfGrid({}).empty()) << "of composed cases";
}

TEST(Kernels, AreRebuiltFromTheirNames) {
  for (const Kernel& kernel :
       KernelsOfGrid({{"precision", "fp32,bf16"}, {"attention", "sdpa"}, {"kernels", "fused"}, {"batch", "1,4"}})) {
    EXPECT_EQ(ParseKernelName(KernelName(kernel)), kernel);
    EXPECT_EQ(ParseKernelName(RowName(kernel)), kernel) << "with what Google Benchmark appends";
  }
}

TEST(Kernels, OfAnotherFormAreRefused) {
  for (const char* name :
       {"", "kernel", "kernel/", "kernels/adamw/precision:fp32/parameters:8", "kernel/adam/precision:fp32/parameters:8",
        "kernel/adamw", "kernel/adamw/precision:fp32", "kernel/adamw/parameters:8/precision:fp32",
        "kernel/adamw/precision:fp32/parameters",
        "kernel/adamw/precision:fp32/parameters:", "kernel/adamw/precision:fp32/parameters:0",
        "kernel/adamw/precision:fp31/parameters:8", "kernel/adamw/precision:fp32/parameters:8/rows:8",
        "kernel/swiglu/direction:sideways/precision:fp32/rows:8/width:8"}) {
    EXPECT_THROW(ParseKernelName(name), InputError) << name;
  }
}

TEST(Kernels, TellTheirAxes) {
  const Kernel kernel{.operation = Operation::kSwiGlu, .direction = Direction::kBackward, .rows = 8, .width = 16};
  EXPECT_EQ(OperationName(kernel), "swiglu");
  EXPECT_THAT(AxesOf(kernel), ElementsAre(Pair("direction", "backward"), Pair("precision", "fp32"), Pair("rows", "8"),
                                          Pair("width", "16")));
}

struct Moved {
  Kernel kernel;  // forward, FP32
  double forward, backward;
  double forward_bf16;
};
void PrintTo(const Moved& moved, std::ostream* out) { *out << OperationName(moved.kernel); }

class MovedBytes : public testing::TestWithParam<Moved> {};

TEST_P(MovedBytes, AreInputsReadOnceAndOutputsWrittenOnce) {
  Kernel kernel = GetParam().kernel;
  EXPECT_DOUBLE_EQ(BytesOf(kernel), GetParam().forward);
  kernel.element = Element::kBf16;
  EXPECT_DOUBLE_EQ(BytesOf(kernel), GetParam().forward_bf16);
  kernel.element = Element::kFp32;
  kernel.direction = Direction::kBackward;
  EXPECT_DOUBLE_EQ(BytesOf(kernel), GetParam().backward);
}

INSTANTIATE_TEST_SUITE_P(
    All, MovedBytes,
    testing::Values(
        // Of a vocabulary of 2, two tokens name 1.5 rows in expectation.
        Moved{{.operation = Operation::kEmbedding, .rows = 2, .width = 8, .vocab = 2},
              2 * 8 + (2 + 1.5) * 8 * 4,
              2 * 8 + (2 + 2) * 8 * 4,
              2 * 8 + (2 + 1.5) * 8 * 2},
        Moved{{.operation = Operation::kRmsNorm, .rows = 3, .width = 8},
              (2 * 24 + 8) * 4 + 3 * 4,
              (4 * 24 + 2 * 8) * 4 + 3 * 4,
              (2 * 24 + 8) * 2 + 3 * 4},
        // 6 rows of 2 heads of 4, at 3 positions of 2 angles.
        Moved{{.operation = Operation::kRotaryEmbedding, .rows = 6, .context = 3, .heads = 2, .head_size = 4},
              4 * 48 * 4 + 2 * 6 * 4,
              6 * 48 * 4 + 2 * 6 * 4,
              4 * 48 * 2 + 2 * 6 * 4},
        Moved{{.operation = Operation::kCausalSoftmax, .context = 4, .matrices = 2},
              2 * (10 + 16) * 4,
              2 * (10 + 10 + 16) * 4,
              2 * (10 + 16) * 2},
        // 6 rows of 2 heads of 4, and as many sums as rows and heads.
        Moved{{.operation = Operation::kShortAttention, .rows = 6, .context = 3, .heads = 2, .head_size = 4},
              4 * 48 * 4 + 12 * 4 + 2 * 6 * 4,
              8 * 48 * 4 + 12 * 4 + 2 * 6 * 4,
              4 * 48 * 2 + 12 * 4 + 2 * 6 * 4},
        Moved{{.operation = Operation::kSwiGlu, .rows = 3, .width = 8}, 3 * 24 * 4, 5 * 24 * 4, 3 * 24 * 2},
        // 2 columns in; of the same 24 elements as above.
        Moved{{.operation = Operation::kSwiGluProduct, .rows = 3, .in = 2, .width = 8},
              (6 + 32 + 3 * 24) * 4,
              (6 + 16 + 4 * 24) * 4,
              (6 + 32 + 3 * 24) * 2},
        // 2 columns in, 24 out; the same table of angles as above. It has no direction.
        Moved{{.operation = Operation::kRotaryProduct, .rows = 6, .in = 2, .context = 3, .heads = 2, .head_size = 4},
              (12 + 48 + 6 * 24) * 4 + 2 * 6 * 4,
              (12 + 48 + 6 * 24) * 4 + 2 * 6 * 4,
              (12 + 48 + 6 * 24) * 2 + 2 * 6 * 4},
        Moved{{.operation = Operation::kCrossEntropy, .rows = 3, .vocab = 8},
              24 * 4 + 3 * 8 + 3 * 4 + 3 * 4 + 4,
              2 * 24 * 4 + 3 * 8 + 3 * 4,
              24 * 2 + 3 * 8 + 3 * 4 + 3 * 4 + 4},
        // Twenty-eight bytes a parameter in either precision; an optimizer has no direction.
        Moved{{.operation = Operation::kAdamW, .parameters = 8}, 28 * 8, 28 * 8, 28 * 8}),
    [](const auto& suite) { return std::string(OperationName(suite.param.kernel)); });

TEST(Kernels, TellTheFlopsOfTheProductInThem) {
  Kernel kernel{.operation = Operation::kSwiGluProduct, .rows = 3, .in = 2, .width = 8};
  EXPECT_DOUBLE_EQ(FlopsOf(kernel), 2 * 3 * 2 * 16) << "a and b";
  kernel.direction = Direction::kBackward;
  EXPECT_DOUBLE_EQ(FlopsOf(kernel), 2 * 3 * 2 * 8) << "the gradient of h";
  EXPECT_DOUBLE_EQ(
      FlopsOf({.operation = Operation::kRotaryProduct, .rows = 6, .in = 2, .context = 3, .heads = 2, .head_size = 4}),
      2 * 6 * 2 * 24);
  EXPECT_DOUBLE_EQ(FlopsOf({.operation = Operation::kSwiGlu, .rows = 3, .width = 8}), 0);
}

}  // namespace
}  // namespace tbench
