// Proves that the fused, graphed step is the real one: its loss and every gradient, read from the buffers that the
// replay wrote and that were NaN before, against the composed model in FP32 with the same weights. Prints what it
// measures. TBENCH_PROOF_CASES names the cases, separated by spaces, as "model:context:pass:precision:attention"; the
// default is small. Skipped where there is no GPU.

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAGuard.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "benchmarks/torch/attention_backend.h"
#include "benchmarks/torch/composed_step.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/device.h"
#include "benchmarks/torch/fused_step.h"
#include "benchmarks/torch/graph_step.h"
#include "model/composed/batch.h"
#include "model/composed/weights.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/hopper/hopper_support.h"

namespace tbench {
namespace {

using Tensors = std::map<std::string, at::Tensor>;

// ‖a − b‖/‖b‖ of a gradient, and of a loss. Measured on an H100; the bounds are about twice the largest.
struct Bounds {
  double gradient, loss;
};
Bounds BoundsOf(Precision precision) {
  if (precision == Precision::kBf16) return {6e-2, 5e-4};
  if (precision == Precision::kTf32) return {1.5e-2, 1e-4};
  return {2e-5, 1e-6};
}

double RelativeDistance(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor exact = b.to(at::kFloat);
  return ((a.to(at::kFloat) - exact).norm() / exact.norm()).item<double>();
}

Tensors ByName(const std::vector<NamedTensor>& named) {
  Tensors map;
  for (const auto& [name, tensor] : named) map.emplace(name, tensor);
  return map;
}

// Loss and gradients of the composed model in FP32 with these weights: sequence by sequence, so that they fit beside
// the fused model.
struct Exact {
  double loss = 0;
  Tensors gradients;
};
Exact ComposedFp32(const Case& c, const ModelConfig& config, const Batch& batch, const Tensors& weights) {
  at::globalContext().setFloat32MatmulPrecision("highest");
  Case exact_case = c;
  exact_case.precision = Precision::kFp32;
  exact_case.attention = Attention::kEfficient;
  exact_case.batch = 1;
  AllowOnly(ChooseAttentionBackend(exact_case, config, batch.inputs.device()));
  Transformer model({.config = config,
                     .context = c.context,
                     .attention = Attention::kSdpa,
                     .tensors = at::TensorOptions(batch.inputs.device()).dtype(at::kFloat)});
  Tensors parameters = ByName(NamedParameters(model));
  {
    const at::NoGradGuard no_grad;
    for (auto& [name, parameter] : parameters) parameter.copy_(weights.at(name));
  }
  Exact exact;
  for (std::int64_t i = 0; i < c.batch; ++i) {
    const at::Tensor loss =
        CrossEntropy(model.Forward(batch.inputs.narrow(0, i, 1)), batch.targets.narrow(0, i, 1)) / double(c.batch);
    exact.loss += loss.item<double>();
    loss.backward();
  }
  for (auto& [name, parameter] : parameters) exact.gradients.emplace(name, parameter.grad());
  return exact;
}

Case MakeCase(const std::string& text) {
  std::istringstream parts(text);
  std::vector<std::string> values;
  for (std::string part; std::getline(parts, part, ':');) values.push_back(part);
  return ParseCaseName(
      fmt::format("transformer_step/model:{}/context:{}/pass:{}/precision:{}/attention:{}/"
                  "kernels:fused/launch:graph/batch:4/warmups:0",
                  values.at(0), values.at(1), values.at(2), values.at(3), values.at(4)));
}

std::vector<Case> Cases() {
  const char* chosen = std::getenv("TBENCH_PROOF_CASES");
  std::istringstream texts(
      chosen != nullptr
          ? chosen
          : "small:128:forward_backward:bf16:sdpa small:128:forward:bf16:sdpa "
            "small:256:forward_backward:bf16:cudnn small:256:forward:bf16:flash "
            "small:100:forward_backward:bf16:short small:200:forward_backward:bf16:short mini:65:train_step:bf16:short "
            "small:136:train_step:bf16:naive "
            "small:128:forward_backward:fp32:naive "
            "small:128:forward:fp32:sdpa small:128:forward_backward:tf32:sdpa "
            "small:128:forward_backward:fp32x3:naive mini:256:train_step:fp32:sdpa mini:64:train_step:tf32:naive");
  std::vector<Case> cases;
  for (std::string text; texts >> text;) cases.push_back(MakeCase(text));
  return cases;
}

class GpuFusedStep : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
  }
  void TearDown() override { c10::cuda::CUDACachingAllocator::emptyCache(); }
  const at::Device device_{at::kCUDA, 0};
  static constexpr std::uint64_t kSeed = 1;
};

void Fill(const std::vector<NamedTensor>& tensors, double value) {
  for (const auto& [name, tensor] : tensors) tensor.fill_(value);
}

TEST_F(GpuFusedStep, LeavesTheGradientsOfTheComposedModelInTheReplaysBuffers) {
  const at::NoGradGuard no_grad;
  for (const Case& c : Cases()) {
    const ModelConfig config = ModelTable().Find(c.model);
    CudaTimer timer(at::cuda::getCurrentCUDAStream());
    auto owned = std::make_unique<FusedStep>(c, config, device_, kSeed);
    FusedStep& fused = *owned;
    GraphStep graph(std::move(owned), timer, device_);
    Tensors weights;  // before the step, which may train them
    for (const auto& [name, weight] : fused.model().Parameters()) {
      weights.emplace(name, c.pass == Pass::kTrainStep ? weight.clone() : weight);
    }
    Fill(fused.model().Gradients(), std::numeric_limits<double>::quiet_NaN());
    timer.Time([&](PhaseMarks& marks) { graph.Run(marks); });
    const double loss = graph.Loss();
    if (c.pass == Pass::kForward) fused.model().Backward(fused.batch());  // from what the replay left behind
    CheckCuda(cudaDeviceSynchronize(), "wait");

    Exact exact;
    {
      const at::AutoGradMode grad(true);
      exact = ComposedFp32(c, config, fused.batch(), weights);
    }
    const Bounds bounds = BoundsOf(c.precision);
    double worst = 0;
    std::string worst_name;
    for (const auto& [name, gradient] : fused.model().Gradients()) {
      const double distance = RelativeDistance(gradient, exact.gradients.at(name));
      EXPECT_LE(distance, bounds.gradient) << CaseName(c) << ' ' << name;
      if (!(distance <= worst)) {
        worst = distance;
        worst_name = name;
      }
    }
    fmt::print("[ MEASURED ] {} {} {} {} {}: loss {:.6f}, composed fp32 {:.6f} ({:+.1e}); worst gradient {:.1e}, {}\n",
               c.model, c.context, c.pass == Pass::kForward ? "forward" : "backward", NameOf(c.precision),
               fused.Label(), loss, exact.loss, loss / exact.loss - 1, worst, worst_name);
    EXPECT_NEAR(loss, exact.loss, bounds.loss * exact.loss) << CaseName(c);
    exact = {};
    c10::cuda::CUDACachingAllocator::emptyCache();
  }
}

// By timing, a step may have any of these in epilogues or apart.
TEST_F(GpuFusedStep, HasTheSameGradientsWithSwiGluAndRopeInEpilogues) {
  if (!kernels::HasHopperGemms()) GTEST_SKIP() << "for compute capability 9.0 alone";
  const at::NoGradGuard no_grad;
  const ModelConfig config = ModelTable().Find("mini");
  constexpr std::int64_t kBatch = 3, kContext = 200;
  const Batch batch = RandomBatch(config, kBatch, kContext, device_, kSeed);
  const c10::cuda::CUDAStreamGuard guard(at::cuda::getStreamFromPool());
  for (const Attention attention : {Attention::kNaive, Attention::kFlash, Attention::kCudnn}) {
    std::map<Fusion, Tensors> results;
    for (const Fusion fusion : {Fusion::kApart, Fusion::kInEpilogue}) {
      const auto model = MakeFusedTransformer({.config = config,
                                               .batch = kBatch,
                                               .context = kContext,
                                               .precision = Precision::kBf16,
                                               .attention = attention,
                                               .trains = false,
                                               .device = device_,
                                               .fusion = fusion});
      InitializeWeights(model->Parameters(), kSeed);
      model->Tune(batch, true);
      Fill(model->Gradients(), std::numeric_limits<double>::quiet_NaN());
      model->Forward(batch);
      model->Backward(batch);
      Tensors& result = results[fusion];
      for (const auto& [name, gradient] : model->Gradients()) result.emplace(name, gradient.clone());
      result.emplace("loss", model->Loss().clone());
    }
    double worst = 0;
    for (const auto& [name, apart] : results[Fusion::kApart]) {
      const double distance = RelativeDistance(results[Fusion::kInEpilogue].at(name), apart);
      EXPECT_LE(distance, BoundsOf(Precision::kBf16).gradient) << name;
      worst = std::max(worst, distance);
    }
    EXPECT_GT(worst, 0) << "the same kernels ran twice";
    fmt::print("[ MEASURED ] attention {}, in epilogues against apart: worst {:.1e}\n", int(attention), worst);
  }
}

// Weights after three steps, each of them replayed.
TEST_F(GpuFusedStep, TrainsAsTheComposedStepDoes) {
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    Case c{.model = "mini", .context = 64, .pass = Pass::kTrainStep, .precision = precision, .batch = 2};
    const ModelConfig config = ModelTable().Find(c.model);
    TorchStep composed(c, config, device_, kSeed);
    c.kernels = Kernels::kFused;
    CudaTimer timer(at::cuda::getCurrentCUDAStream());
    auto owned = std::make_unique<FusedStep>(c, config, device_, kSeed);
    FusedStep& fused = *owned;
    GraphStep graph(std::move(owned), timer, device_);
    const at::NoGradGuard no_grad;
    Tensors before;
    for (const auto& [name, weight] : fused.model().Masters()) before.emplace(name, weight.clone());
    NoMarks none;
    for (int i = 0; i < 3; ++i) {
      {
        const at::AutoGradMode grad(true);
        composed.Run(none);
      }
      graph.Run(none);
      EXPECT_NEAR(graph.Loss(), composed.Loss(), 1e-3 * composed.Loss()) << "step " << i;
    }
    const auto masters = composed.optimizer()->masters();
    std::size_t i = 0;
    double worst = 0;
    for (const auto& [name, weight] : fused.model().Masters()) {
      worst = std::max(worst, RelativeDistance(weight - before.at(name), masters[i++] - before.at(name)));
    }
    fmt::print("[ MEASURED ] updates of three steps, {}: worst {:.1e}\n", NameOf(precision), worst);
    EXPECT_LE(worst, precision == Precision::kFp32 ? 2e-2 : 3e-1);
  }
}

TEST_F(GpuFusedStep, ReplaysTheComposedStepToo) {
  for (const Pass pass : {Pass::kForward, Pass::kForwardBackward, Pass::kTrainStep}) {
    Case c{.model = "mini", .context = 64, .pass = pass, .precision = Precision::kBf16, .attention = Attention::kSdpa};
    const ModelConfig config = ModelTable().Find(c.model);
    CudaTimer timer(at::cuda::getCurrentCUDAStream());
    TorchStep eager(c, config, device_, kSeed);
    GraphStep graph(std::make_unique<TorchStep>(c, config, device_, kSeed), timer, device_);
    NoMarks none;
    for (int i = 0; i < 3; ++i) {
      eager.Run(none);
      const Trial trial = timer.Time([&](PhaseMarks& marks) { graph.Run(marks); });
      EXPECT_NEAR(graph.Loss(), eager.Loss(), 2e-3 * eager.Loss()) << "step " << i;
      EXPECT_TRUE(trial.of(Phase::kForward));
      EXPECT_EQ(trial.of(Phase::kBackward).has_value(), pass != Pass::kForward);
      EXPECT_EQ(trial.of(Phase::kOptimizer).has_value(), pass == Pass::kTrainStep);
    }
  }
}

TEST_F(GpuFusedStep, RefusesAModelThatItsKernelsCannotRun) {
  const Case c{.model = "odd", .context = 64, .kernels = Kernels::kFused};
  EXPECT_THROW(FusedStep(c, ParseModelConfig("vocab:1001,d_model:64,d_ff:256,layers:1,heads:2"), device_, kSeed),
               NotSupported);
}

}  // namespace
}  // namespace tbench
