#include "benchmarks/torch/composed_step.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <new>
#include <vector>

#include "benchmarks/harness/device.h"
#include "benchmarks/torch/device.h"
#include "benchmarks/torch/error.h"
#include "model/support/input_error.h"

namespace tbench {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

const ModelConfig kTiny = ModelTable().Find("tiny");

Case TinyCase() { return {.model = "tiny", .context = 16, .batch = 2}; }

TorchStep MakeStep(const Case& c, std::uint64_t seed = 3) { return TorchStep(c, kTiny, torch::kCPU, seed); }

double LossOf(const Case& c, int steps = 1) {
  TorchStep step = MakeStep(c);
  NoMarks marks;
  for (int i = 0; i < steps; ++i) step.Run(marks);
  return step.Loss();
}

class PhaseLog final : public PhaseMarks {
 public:
  void End(Phase phase) override { phases.push_back(phase); }
  std::vector<Phase> phases;
};

struct Expected {
  Pass pass;
  std::vector<Phase> phases;
};

TEST(TorchStep, EndsThePhasesOfItsPass) {
  for (const auto& [pass, phases] :
       {Expected{Pass::kForward, {Phase::kForward}},
        Expected{Pass::kForwardBackward, {Phase::kForward, Phase::kBackward}},
        Expected{Pass::kTrainStep, {Phase::kForward, Phase::kBackward, Phase::kOptimizer}}}) {
    Case c = TinyCase();
    c.pass = pass;
    TorchStep step = MakeStep(c);
    PhaseLog log;
    step.Run(log);
    EXPECT_EQ(log.phases, phases);
  }
}

TEST(TorchStep, LeavesNoGradientBehind) {
  for (const Pass pass : {Pass::kForward, Pass::kForwardBackward, Pass::kTrainStep}) {
    Case c = TinyCase();
    c.pass = pass;
    TorchStep step = MakeStep(c);
    NoMarks marks;
    step.Run(marks);
    for (const auto& parameter : step.model().parameters()) EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST(TorchStep, TrainsOnlyInTrainStep) {
  Case c = TinyCase();
  const double first = LossOf(c);
  c.pass = Pass::kForwardBackward;
  EXPECT_EQ(LossOf(c, 3), first);
  c.pass = Pass::kTrainStep;
  EXPECT_EQ(LossOf(c), first);
  EXPECT_LT(LossOf(c, 3), first);
}

TEST(TorchStep, ComputesTheSameLossInEveryVariantOfASeed) {
  const double loss = LossOf(TinyCase());
  EXPECT_NEAR(loss, std::log(10'000), 1);  // random weights know nothing of the tokens
  Case warmed = TinyCase();
  warmed.warmups = 5;
  EXPECT_EQ(LossOf(warmed, 6), loss);
  Case sdpa = TinyCase();
  sdpa.attention = Attention::kSdpa;
  EXPECT_NEAR(LossOf(sdpa), loss, 1e-5 * loss);
  Case bf16 = TinyCase();
  bf16.precision = Precision::kBf16;
  EXPECT_NEAR(LossOf(bf16), loss, 1e-2 * loss);
}

TEST(TorchStep, NamesTheBackendThatTheCaseLeavesOpen) {
  Case c = TinyCase();
  EXPECT_EQ(MakeStep(c).Label(), "");
  c.attention = Attention::kSdpa;
  EXPECT_EQ(MakeStep(c).Label(), "attention_backend:flash");
}

TEST(TorchStep, ResetsToItsFirstStep) {
  Case c = TinyCase();
  c.pass = Pass::kTrainStep;
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    c.precision = precision;
    TorchStep step = MakeStep(c);
    NoMarks marks;
    std::vector<double> losses;
    for (int i = 0; i < 6; ++i) {
      if (i == 3) step.Reset();
      step.Run(marks);
      losses.push_back(step.Loss());
    }
    EXPECT_NE(losses[0], losses[1]) << "it trains";
    EXPECT_EQ(std::vector(losses.begin(), losses.begin() + 3), std::vector(losses.begin() + 3, losses.end()));
  }
}

TEST(TorchDevice, RefusesWhatACpuCannotDo) {
  const std::unique_ptr<Device> cpu = OpenTorchDevice({.device = {DeviceChoice::Kind::kCpu, 0}});
  Case tf32 = TinyCase(), fp32x3 = TinyCase(), fused = TinyCase(), graph = TinyCase();
  tf32.precision = Precision::kTf32;
  fp32x3.precision = Precision::kFp32x3;
  fused.kernels = Kernels::kFused;
  graph.launch = Launch::kGraph;
  for (const Case& c : {tf32, fp32x3, fused, graph}) EXPECT_THROW(cpu->MakeStep(c, kTiny), NotSupported) << CaseName(c);
}

template <class Throw>
std::string DescriptionOf(Throw&& raise) {
  try {
    raise();
  } catch (...) {
    return DescribeTorchError(std::current_exception());
  }
  return "nothing thrown";
}

TEST(TorchError, TellsOutOfMemoryByTypeAndWords) {
  EXPECT_THAT(DescriptionOf([] { TORCH_CHECK_WITH(OutOfMemoryError, false, "Tried to allocate 2.00 GiB"); }),
              StartsWith("out_of_memory: Tried to allocate 2.00 GiB"));
  EXPECT_THAT(DescriptionOf([] { TORCH_CHECK(false, "CUDA error: CUBLAS_STATUS_ALLOC_FAILED"); }),
              StartsWith("out_of_memory: CUDA error"));
  EXPECT_THAT(DescriptionOf([] { throw std::runtime_error("could not x: cudaErrorMemoryAllocation: out of memory"); }),
              StartsWith("out_of_memory: could not x"));
  EXPECT_THAT(DescriptionOf([] { torch::empty({std::int64_t{1} << 60}); }), StartsWith("out_of_memory: "));
  EXPECT_THAT(DescriptionOf([] { throw std::bad_alloc(); }), StartsWith("out_of_memory: "));
}

TEST(TorchError, IsOneLineWithoutAStackTrace) {
  const std::string text = DescriptionOf([] { torch::ones({2, 3}).matmul(torch::ones({2, 3})); });
  EXPECT_THAT(text, StartsWith("failed: mat1 and mat2 shapes cannot be multiplied"));
  EXPECT_THAT(text, Not(HasSubstr("\n")));
  EXPECT_THAT(text, Not(HasSubstr("frame #")));
}

TEST(TorchError, KeepsOurOwnKinds) {
  EXPECT_EQ(DescriptionOf([] { throw NotSupported("why"); }), "not_supported: why");
  EXPECT_EQ(DescriptionOf([] { throw NumericsError("why"); }), "numerics: why");
}

TEST(TorchDevice, RefusesAGpuThatIsNotThere) {
  EXPECT_THAT(
      [] {
        OpenTorchDevice({.device = {DeviceChoice::Kind::kCuda, 99}});
      },
      ThrowsMessage<InputError>(HasSubstr("--device cuda:99: CUDA sees")));
}

TEST(TorchDevice, RefusesVariablesThatChangeAPrecision) {
  setenv("NVIDIA_TF32_OVERRIDE", "1", 1);
  EXPECT_THAT([] { OpenTorchDevice({}); }, ThrowsMessage<InputError>(HasSubstr("NVIDIA_TF32_OVERRIDE")));
  unsetenv("NVIDIA_TF32_OVERRIDE");
}

TEST(TorchDevice, SaysWhatMachineAndSoftwareThisIs) {
  const auto context = OpenTorchDevice({.device = {DeviceChoice::Kind::kCpu, 0}, .threads = 1})->Context();
  EXPECT_EQ(context.at("device"), "cpu");
  EXPECT_EQ(context.at("threads"), "1");
  EXPECT_FALSE(context.at("torch_version").empty());
  EXPECT_FALSE(context.contains("gpu_name"));
}

}  // namespace
}  // namespace tbench
