#include "model/fused/weight_gradients.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDAGuard.h>
#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "model/fused/cuda_graph.h"
#include "model/fused/layer_stack.h"

namespace tbench {
namespace {

constexpr std::int64_t kLayers = 8, kRows = 40;
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

// A linear layer in all layers: what its weight's gradients are multiplied from, and where they go.
struct Linear {
  Linear(std::int64_t in, std::int64_t out, std::int64_t layers, const at::TensorOptions& tensors)
      : shape{kRows, in, out},
        dy(LayerStack(layers, kRows, out, tensors)),
        x(LayerStack(layers, kRows, in, tensors)),
        dw(LayerStack(layers, out, in, tensors)) {
    for (std::int64_t i = 0; i < layers; ++i) {
      dy_given.push_back(at::randn({kRows, out}, tensors));
      x_given.push_back(at::randn({kRows, in}, tensors));
    }
  }

  WeightGradient Gradient(bool is_regular) const {
    const auto operands = [this](std::int64_t i) {
      const auto layer = std::size_t(i);
      return Gemm::Operands{dy[layer].data_ptr(), x[layer].data_ptr(), nullptr, dw[layer].data_ptr()};
    };
    return {shape, operands, is_regular};
  }
  void Give(std::size_t layer) const {
    dy[layer].copy_(dy_given[layer]);
    x[layer].copy_(x_given[layer]);
  }
  void Spoil() const {
    for (const std::vector<at::Tensor>& tensors : {dy, x}) {
      for (const at::Tensor& tensor : tensors) tensor.fill_(kNan);
    }
  }
  void ExpectGradients(const char* what, double bound) const {
    for (std::size_t i = 0; i < dw.size(); ++i) {
      const at::Tensor exact = at::matmul(dy_given[i].to(at::kDouble).t(), x_given[i].to(at::kDouble));
      EXPECT_LE(((dw[i].to(at::kDouble) - exact).norm() / exact.norm()).item<double>(), bound) << what << ' ' << i;
    }
  }

  LinearShape shape;
  std::vector<at::Tensor> dy, x, dw, dy_given, x_given;
};

class GpuWeightGradients : public testing::TestWithParam<Precision> {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
  }
};

// Operands come to be right before they are multiplied and are spoilt right after all of it: what is multiplied too
// early or too late is NaN.
TEST_P(GpuWeightGradients, AreTheSameByEverySchedule) {
  const c10::cuda::CUDAStreamGuard guard(at::cuda::getStreamFromPool(/*isHighPriority=*/true));
  const at::Device device(at::kCUDA, 0);
  const bool is_bf16 = GetParam() == Precision::kBf16;
  const auto tensors = at::TensorOptions(device).dtype(is_bf16 ? at::kBFloat16 : at::kFloat);
  const Linear head(64, 80, 1, tensors), qkv(64, 192, kLayers, tensors), output(64, 64, kLayers, tensors),
      w13(64, 256, kLayers, tensors), w2(128, 64, kLayers, tensors);
  const std::vector<const Linear*> of_layer{&qkv, &output, &w13, &w2};
  for (const bool is_regular : {true, false}) {  // output's alone, as attention has it
    WeightGradients gradients(at::cuda::getCurrentCUDABlasLtHandle(), GetParam(), device, kLayers, head.Gradient(true),
                              {qkv.Gradient(true), output.Gradient(is_regular), w13.Gradient(true), w2.Gradient(true)});
    const auto backward = [&] {
      head.Give(0);
      gradients.RunHead();
      for (std::int64_t i = kLayers - 1; i >= 0; --i) {
        for (std::size_t linear = 0; linear < of_layer.size(); ++linear) {
          of_layer[linear]->Give(std::size_t(i));
          gradients.Run(LayerLinear(linear), i);
        }
      }
      gradients.Finish();
      for (const Linear* linear : {&head, &qkv, &output, &w13, &w2}) linear->Spoil();
    };
    for (const WeightGradients::Schedule& schedule : WeightGradients::Candidates(kLayers)) {
      SCOPED_TRACE(testing::Message() << "on side stream " << schedule.on_side_stream << ", share " << schedule.share
                                      << ", group " << schedule.group << ", regular " << is_regular);
      gradients.Use(schedule);
      for (const bool captured : {false, true}) {
        for (const Linear* linear : {&head, &qkv, &output, &w13, &w2}) {
          for (const at::Tensor& dw : linear->dw) dw.fill_(kNan);
        }
        if (captured) {
          at::cuda::CUDAGraph graph(/*keep_graph=*/true);
          Capture(graph, backward);
          graph.replay();
        } else {
          backward();
        }
        const double bound = is_bf16 ? 4e-3 : 1e-5;  // a result's rounding, or of 40 terms
        head.ExpectGradients("head", bound);
        qkv.ExpectGradients("qkv", bound);
        output.ExpectGradients("output", bound);
        w13.ExpectGradients("w13", bound);
        w2.ExpectGradients("w2", bound);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Precisions, GpuWeightGradients,
                         testing::Values(Precision::kFp32, Precision::kFp32x3, Precision::kBf16),
                         [](const auto& suite) {
                           if (suite.param == Precision::kBf16) return "Bf16";
                           return suite.param == Precision::kFp32 ? "Fp32" : "Fp32x3";
                         });

TEST(WeightGradients, CandidatesAreDifferentAndTheirGroupsDivideTheLayers) {
  for (const std::int64_t layers : {1, 2, 5, 12, 32, 48}) {
    const auto candidates = WeightGradients::Candidates(layers);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      EXPECT_EQ(layers % candidates[i].group, 0) << layers;
      for (std::size_t j = 0; j < i; ++j) {
        EXPECT_FALSE(candidates[i].on_side_stream == candidates[j].on_side_stream &&
                     candidates[i].share == candidates[j].share && candidates[i].group == candidates[j].group)
            << layers;
      }
    }
  }
}

}  // namespace
}  // namespace tbench
