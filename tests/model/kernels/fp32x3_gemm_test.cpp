// Holds the GEMMs of three TF32 products against FP64, beside cuBLAS in FP32, and prints how fast they are. Skipped
// where there is no GPU.

#include "model/kernels/fp32x3_gemm.h"

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace tbench::kernels {
namespace {

enum class Gemm { kForward, kInputGradient, kWeightGradient };

struct Shape {
  Gemm gemm;
  std::int64_t rows, in, out;
};

std::string NameOf(const Shape& s) {
  const char* gemm = s.gemm == Gemm::kForward         ? "Forward"
                     : s.gemm == Gemm::kInputGradient ? "InputGradient"
                                                      : "WeightGradient";
  return fmt::format("{}_rows{}_in{}_out{}", gemm, s.rows, s.in, s.out);
}
void PrintTo(const Shape& s, std::ostream* out) { *out << NameOf(s); }

std::vector<Shape> EachGemm(const std::vector<std::array<std::int64_t, 3>>& sizes) {
  std::vector<Shape> shapes;
  for (const Gemm gemm : {Gemm::kForward, Gemm::kInputGradient, Gemm::kWeightGradient}) {
    for (const auto& [rows, in, out] : sizes) shapes.push_back({gemm, rows, in, out});
  }
  return shapes;
}

void Check(cudaError_t status) { ASSERT_EQ(status, cudaSuccess) << cudaGetErrorString(status); }

at::Tensor Normal(std::int64_t rows, std::int64_t columns) {
  return at::randn({rows, columns}, at::TensorOptions(at::kCUDA));
}

// The operands of a GEMM in the order of its parameters.
struct Operands {
  explicit Operands(const Shape& s)
      : first(s.gemm == Gemm::kForward ? Normal(s.rows, s.in) : Normal(s.rows, s.out)),
        second(s.gemm == Gemm::kWeightGradient ? Normal(s.rows, s.in) : Normal(s.out, s.in)),
        columns(s.gemm == Gemm::kForward ? s.out : s.in),
        rows(s.gemm == Gemm::kWeightGradient ? s.out : s.rows) {}

  at::Tensor first, second;
  std::int64_t columns, rows;  // of the result
};

at::Tensor Reference(Gemm gemm, const at::Tensor& first, const at::Tensor& second) {
  switch (gemm) {
    case Gemm::kForward:
      return first.matmul(second.t());
    case Gemm::kInputGradient:
      return first.matmul(second);
    case Gemm::kWeightGradient:
      return first.t().matmul(second);
  }
  return {};
}

double Distance(const at::Tensor& a, const at::Tensor& reference) {
  return ((a.to(at::kDouble) - reference).norm() / reference.norm()).item<double>();
}

class Fp32x3 : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
    at::globalContext().setFloat32MatmulPrecision("highest");
    at::manual_seed(1);
    stream_ = at::cuda::getCurrentCUDAStream();
    workspace_ = at::full({Fp32x3WorkspaceBytes()}, 0xff, at::TensorOptions(at::kCUDA).dtype(at::kByte));  // NaN
    Counters().zero_();
  }

  at::Tensor Counters() const { return workspace_.narrow(0, 0, Fp32x3CounterBytes()); }

  void Multiply(const Shape& s, const Operands& o, float* to, const float* residual = nullptr) {
    const auto *first = o.first.const_data_ptr<float>(), *second = o.second.const_data_ptr<float>();
    switch (s.gemm) {
      case Gemm::kForward:
        return Check(Fp32x3Forward(stream_, first, second, residual, to, workspace_.data_ptr(), s.rows, s.in, s.out));
      case Gemm::kInputGradient:
        return Check(Fp32x3InputGradient(stream_, first, second, to, workspace_.data_ptr(), s.rows, s.in, s.out));
      case Gemm::kWeightGradient:
        return Check(Fp32x3WeightGradient(stream_, first, second, to, workspace_.data_ptr(), s.rows, s.in, s.out));
    }
  }

  at::Tensor Multiply(const Shape& s, const Operands& o) {
    at::Tensor result = at::empty({o.rows, o.columns}, o.first.options());
    Multiply(s, o, result.data_ptr<float>());
    return result;
  }

  cudaStream_t stream_ = nullptr;
  at::Tensor workspace_;
};

class Fp32x3Gemm : public Fp32x3, public testing::WithParamInterface<Shape> {};

TEST_P(Fp32x3Gemm, IsAsNearToFp64AsAnFp32Gemm) {
  constexpr std::int64_t kGuard = 4096;
  const Operands o(GetParam());
  const std::int64_t count = o.rows * o.columns;
  const at::Tensor memory = at::full({count + kGuard}, std::numeric_limits<float>::quiet_NaN(), o.first.options());
  Multiply(GetParam(), o, memory.data_ptr<float>());
  const at::Tensor result = memory.narrow(0, 0, count).view({o.rows, o.columns});

  const at::Tensor reference = Reference(GetParam().gemm, o.first.to(at::kDouble), o.second.to(at::kDouble));
  const double ours = Distance(result, reference);
  const double fp32 = Distance(Reference(GetParam().gemm, o.first, o.second), reference);
  fmt::print("[ MEASURED ] {}: error {:.2e}, cuBLAS in FP32 {:.2e}, ratio {:.2f}\n", NameOf(GetParam()), ours, fp32,
             ours / fp32);
  EXPECT_LE(ours, std::max(2 * fp32, std::ldexp(1.0, -22)));
  EXPECT_EQ(memory.narrow(0, count, kGuard).isnan().sum().item<std::int64_t>(), kGuard) << "written beyond the end";
  EXPECT_EQ(Counters().max().item<int>(), 0);
  EXPECT_TRUE(Multiply(GetParam(), o).equal(result)) << "differs from time to time";
}

// Edges of tiles in each direction, tiles shared among blocks and not, large and small tiles.
INSTANTIATE_TEST_SUITE_P(Shapes, Fp32x3Gemm,
                         testing::ValuesIn(EachGemm({{1, 768, 768},
                                                     {3, 768, 3072},
                                                     {129, 8, 8},
                                                     {77, 40, 136},
                                                     {512, 768, 768},
                                                     {512, 3072, 768},
                                                     {512, 1600, 1600},
                                                     {512, 768, 10000},
                                                     {512, 10240, 2560},
                                                     {1000, 1600, 6400},
                                                     {1000, 2560, 10240},
                                                     {1024, 2560, 20480},
                                                     {4096, 1280, 1280},
                                                     {4096, 2560, 10240}})),
                         [](const auto& suite) { return NameOf(suite.param); });

TEST_F(Fp32x3, AddsTheResidual) {
  for (const Shape s : {Shape{Gemm::kForward, 1000, 1600, 2560}, Shape{Gemm::kForward, 100, 768, 768}}) {
    const Operands o(s);
    const at::Tensor residual = Normal(o.rows, o.columns), sum = at::empty_like(residual);
    Multiply(s, o, sum.data_ptr<float>(), residual.const_data_ptr<float>());
    EXPECT_TRUE(sum.equal(Multiply(s, o) + residual));
    const at::Tensor in_place = residual.clone();
    Multiply(s, o, in_place.data_ptr<float>(), in_place.const_data_ptr<float>());
    EXPECT_TRUE(in_place.equal(sum));
  }
}

TEST_F(Fp32x3, IsCapturedInAGraph) {
  const Shape s{Gemm::kWeightGradient, 512, 1600, 1600};
  const Operands o(s);
  const at::Tensor expected = Multiply(s, o), result = at::zeros_like(expected);
  Check(cudaDeviceSynchronize());
  cudaStream_t capturing = nullptr;
  cudaGraph_t graph = nullptr;
  cudaGraphExec_t executable = nullptr;
  Check(cudaStreamCreateWithFlags(&capturing, cudaStreamNonBlocking));
  std::swap(stream_, capturing);
  Check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeGlobal));
  Multiply(s, o, result.data_ptr<float>());
  Check(cudaStreamEndCapture(stream_, &graph));
  std::swap(stream_, capturing);
  Check(cudaGraphInstantiate(&executable, graph, 0));
  for (int replay = 0; replay < 3; ++replay) {
    result.zero_();
    Check(cudaGraphLaunch(executable, stream_));
    EXPECT_TRUE(result.equal(expected));
  }
  cudaGraphExecDestroy(executable);
  cudaGraphDestroy(graph);
  cudaStreamDestroy(capturing);
}

TEST_F(Fp32x3, RefusesWidthsThatAreNoMultipleOfEight) {
  float* const none = nullptr;
  EXPECT_EQ(Fp32x3Forward(stream_, none, none, none, none, none, 8, 12, 8), cudaErrorInvalidValue);
  EXPECT_EQ(Fp32x3InputGradient(stream_, none, none, none, none, 8, 8, 12), cudaErrorInvalidValue);
  EXPECT_EQ(Fp32x3WeightGradient(stream_, none, none, none, none, 0, 8, 8), cudaErrorInvalidValue);
}

// The median time of `work` in microseconds, by events around several in a row.
double Microseconds(cudaStream_t stream, const std::function<void()>& work) {
  constexpr int kInARow = 8, kTimes = 9;
  cudaEvent_t start = nullptr, stop = nullptr;
  Check(cudaEventCreate(&start));
  Check(cudaEventCreate(&stop));
  for (int i = 0; i < kInARow; ++i) work();
  std::vector<float> milliseconds(kTimes);
  for (float& time : milliseconds) {
    Check(cudaEventRecord(start, stream));
    for (int i = 0; i < kInARow; ++i) work();
    Check(cudaEventRecord(stop, stream));
    Check(cudaEventSynchronize(stop));
    Check(cudaEventElapsedTime(&time, start, stop));
  }
  cudaEventDestroy(start);
  cudaEventDestroy(stop);
  std::nth_element(milliseconds.begin(), milliseconds.begin() + kTimes / 2, milliseconds.end());
  return double(milliseconds[kTimes / 2]) * 1e3 / kInARow;
}

TEST_F(Fp32x3, TellsItsRate) {
  for (const Shape& s : EachGemm({{512, 768, 768},
                                  {512, 768, 3072},
                                  {1024, 1280, 5120},
                                  {1024, 1600, 6400},
                                  {1024, 2560, 2560},
                                  {1024, 2560, 10240},
                                  {4096, 2560, 10240},
                                  {8192, 8192, 8192}})) {
    const Operands o(s);
    at::Tensor result = at::empty({o.rows, o.columns}, o.first.options());
    const double flops = 2.0 * double(s.rows) * double(s.in) * double(s.out);
    const double ours = Microseconds(stream_, [&] { Multiply(s, o, result.data_ptr<float>()); });
    const at::Tensor first = s.gemm == Gemm::kWeightGradient ? o.first.t() : o.first;
    const at::Tensor second = s.gemm == Gemm::kForward ? o.second.t() : o.second;
    const double fp32 = Microseconds(stream_, [&] { at::mm_out(result, first, second); });
    fmt::print("[ MEASURED ] {}: {:.1f} us, {:.1f} TFLOP/s; cuBLAS in FP32 {:.1f} us, {:.1f} TFLOP/s\n", NameOf(s),
               ours, flops / ours / 1e6, fp32, flops / fp32 / 1e6);
  }
}

}  // namespace
}  // namespace tbench::kernels
