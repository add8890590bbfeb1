// What only a GPU can show. Skipped where there is none.

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <exception>
#include <nlohmann/json.hpp>
#include <thread>

#include "benchmarks/harness/step_fixture.h"
#include "benchmarks/torch/composed_step.h"
#include "benchmarks/torch/cuda_timer.h"
#include "benchmarks/torch/device.h"
#include "benchmarks/torch/graph_step.h"
#include "model/kernels/cuda_check.h"
#include "model/spec/work.h"
#include "tests/benchmarks/harness/run_registered.h"

namespace tbench {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::StartsWith;

class Gpu : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
    device_ = OpenTorchDevice({.device = {DeviceChoice::Kind::kCuda, 0}, .seed = 3});
    at::empty({1}, torch::kCUDA);  // the allocator has no statistics before its first use
  }

  std::int64_t AllocatedBytes() const {
    return c10::cuda::CUDACachingAllocator::getDeviceStats(0).allocated_bytes[0].current;
  }
  Trial TimeOne(Step& step) {
    return device_->timer().Time([&](PhaseMarks& marks) { step.Run(marks); });
  }

  std::unique_ptr<Device> device_;
  ModelTable models_;
};

Case MiniCase(Pass pass = Pass::kForward) { return {.model = "mini", .context = 64, .pass = pass}; }

TEST_F(Gpu, RunsEveryPassPrecisionAndAttention) {
  for (const Pass pass : {Pass::kForward, Pass::kForwardBackward, Pass::kTrainStep}) {
    for (const Precision precision : {Precision::kFp32, Precision::kTf32, Precision::kBf16}) {
      for (const Attention attention : {Attention::kNaive, Attention::kSdpa}) {
        Case c = MiniCase(pass);
        c.precision = precision;
        c.attention = attention;
        const auto step = device_->MakeStep(c, models_.Find("mini"));
        TimeOne(*step);
        const Trial trial = TimeOne(*step);
        EXPECT_NEAR(step->Loss(), std::log(10'000), 1.5) << CaseName(c);
        EXPECT_GT(trial.iteration.count(), 0) << CaseName(c);
        EXPECT_GE(trial.end_to_end, *trial.enqueue) << CaseName(c);
        EXPECT_TRUE(trial.of(Phase::kForward));
        EXPECT_EQ(trial.of(Phase::kBackward).has_value(), pass != Pass::kForward);
        EXPECT_EQ(trial.of(Phase::kOptimizer).has_value(), pass == Pass::kTrainStep);
      }
    }
  }
}

TEST_F(Gpu, ItsPhasesAddUpToTheStep) {
  const auto step = device_->MakeStep(MiniCase(Pass::kTrainStep), models_.Find("mini"));
  TimeOne(*step);
  const Trial trial = TimeOne(*step);
  const Microseconds phases = *trial.of(Phase::kForward) + *trial.of(Phase::kBackward) + *trial.of(Phase::kOptimizer);
  // After the last phase the host clears the gradients: that is in the step and in no phase.
  EXPECT_LE(phases.count(), trial.iteration.count() + 5);
  EXPECT_GE(phases.count(), trial.iteration.count() * 0.5);
}

TEST_F(Gpu, ItsTimerWaitsForTheDevice) {
  const torch::Tensor a = at::randn({4096, 4096}, torch::kCUDA);
  const auto gemm = [&](PhaseMarks&) { at::matmul(a, a); };
  device_->timer().Time(gemm);
  const Trial trial = device_->timer().Time(gemm);
  // 137 GFLOP take more than 1 ms on any GPU in IEEE FP32; the launch alone takes microseconds.
  EXPECT_GT(trial.iteration.count(), 1000);
  EXPECT_GT(trial.end_to_end.count(), trial.iteration.count());
  EXPECT_LT(trial.enqueue->count(), trial.iteration.count());
}

TEST_F(Gpu, ComputesTheSameLossInEveryVariantOfASeed) {
  const auto loss = [&](Attention attention, Precision precision, std::int64_t warmups) {
    Case c = MiniCase();
    c.attention = attention;
    c.precision = precision;
    c.warmups = warmups;
    const auto step = device_->MakeStep(c, models_.Find("mini"));
    NoMarks marks;
    for (std::int64_t i = 0; i <= warmups; ++i) step->Run(marks);
    return step->Loss();
  };
  const double reference = loss(Attention::kNaive, Precision::kFp32, 0);
  EXPECT_EQ(loss(Attention::kNaive, Precision::kFp32, 5), reference);
  EXPECT_NEAR(loss(Attention::kSdpa, Precision::kFp32, 0), reference, 1e-5 * reference);
  EXPECT_NEAR(loss(Attention::kNaive, Precision::kTf32, 0), reference, 1e-3 * reference);
  EXPECT_NEAR(loss(Attention::kNaive, Precision::kBf16, 0), reference, 1e-2 * reference);
}

// ‖AB − reference‖ / ‖reference‖ of a GEMM under the precision that a case's step leaves set.
double GemmError(Device& device, const ModelTable& models, Precision precision) {
  Case c = MiniCase();
  c.precision = precision;
  const auto step = device.MakeStep(c, models.Find("mini"));
  const torch::Tensor a = at::randn({512, 512}, torch::kCUDA), b = at::randn({512, 512}, torch::kCUDA);
  const torch::Tensor reference = at::matmul(a.to(torch::kDouble), b.to(torch::kDouble));
  return ((at::matmul(a, b) - reference).norm() / reference.norm()).item<double>();
}

TEST_F(Gpu, MultipliesInIeeeFp32UnlessTheCaseSaysTf32) {
  EXPECT_LT(GemmError(*device_, models_, Precision::kFp32), 3e-6);
  const bool has_tf32 = at::cuda::getDeviceProperties(0)->major >= 8;
  if (has_tf32) {
    EXPECT_GT(GemmError(*device_, models_, Precision::kTf32), 3e-5);
  }
  EXPECT_LT(GemmError(*device_, models_, Precision::kFp32), 3e-6) << "a tf32 case left its setting behind";
}

TEST_F(Gpu, NamesTheBackendOfSdpa) {
  Case c = MiniCase();
  c.attention = Attention::kSdpa;
  EXPECT_EQ(device_->MakeStep(c, models_.Find("mini"))->Label(), "attention_backend:efficient");
  c.precision = Precision::kBf16;  // the fastest of three is taken, which at this size is any of them
  EXPECT_THAT(device_->MakeStep(c, models_.Find("mini"))->Label(),
              AnyOf("attention_backend:cudnn", "attention_backend:flash", "attention_backend:efficient"));
}

TEST_F(Gpu, HasShortAttentionForFusedKernelsInBf16) {
  Case c = MiniCase(Pass::kForwardBackward);
  c.precision = Precision::kBf16;
  c.attention = Attention::kShort;
  EXPECT_THROW(device_->MakeStep(c, models_.Find("mini")), NotSupported) << "composed";
  c.kernels = Kernels::kFused;
  EXPECT_EQ(device_->MakeStep(c, models_.Find("mini"))->Label(), "attention_backend:short");
  c.context = 257;
  EXPECT_THROW(device_->MakeStep(c, models_.Find("mini")), NotSupported);
  c.context = 64;
  c.precision = Precision::kFp32;
  EXPECT_THROW(device_->MakeStep(c, models_.Find("mini")), NotSupported);
}

TEST_F(Gpu, ChoosesAttentionForHeadSizesThatTheFusedKernelsLack) {
  const ModelConfig odd{.vocab = 100, .d_model = 60, .d_ff = 64, .layers = 1, .heads = 3};  // 20
  for (const Precision precision : {Precision::kFp32, Precision::kBf16}) {
    Case c = MiniCase(Pass::kForwardBackward);
    c.precision = precision;
    c.attention = Attention::kSdpa;
    const auto step = device_->MakeStep(c, odd);
    NoMarks marks;
    step->Run(marks);
    EXPECT_TRUE(std::isfinite(step->Loss()));
    c.kernels = Kernels::kFused;
    EXPECT_THROW(device_->MakeStep(c, odd), NotSupported);
  }
}

TEST_F(Gpu, CountsAtLeastTheWeightsInThePeakAndFreesAll) {
  const std::int64_t before = AllocatedBytes();
  {
    const auto step = device_->MakeStep(MiniCase(Pass::kForwardBackward), models_.Find("mini"));
    device_->ResetPeakMemory();
    NoMarks marks;
    step->Run(marks);
    device_->Synchronize();
    EXPECT_GE(device_->peak_memory()->allocated_bytes, 2 * WeightBytes(models_.Find("mini"), 4));
    EXPECT_GE(device_->peak_memory()->reserved_bytes, device_->peak_memory()->allocated_bytes);
  }
  // cuBLAS keeps its workspace.
  EXPECT_LE(AllocatedBytes() - before, 64 << 20);
}

TEST_F(Gpu, GoesOnAfterACaseThatDoesNotFit) {
  // 4 TB of weights in front of a case that fits.
  models_.Add({"huge", {10'000, 1 << 16, 1 << 18, 16, 512}});
  Session session{.device = *device_};
  RegisterCase(session, {.model = "huge", .context = 64}, models_.Find("huge"), 3);
  RegisterCase(session, MiniCase(), models_.Find("mini"), 3);
  const nlohmann::json rows = RunRegistered();
  int failed = 0, good = 0;
  for (const auto& row : rows) {
    if (row["run_type"] != "iteration") continue;
    if (row.contains("error_occurred")) {
      ++failed;
      EXPECT_THAT(row["error_message"].get<std::string>(), StartsWith("out_of_memory: CUDA out of memory"));
      EXPECT_THAT(row["name"].get<std::string>(), HasSubstr("model:huge"));
    } else {
      ++good;
      for (const char* key : {"enqueue_us", "peak_allocated_bytes", "peak_reserved_bytes"}) {
        EXPECT_TRUE(row.contains(key)) << key;
      }
    }
  }
  EXPECT_EQ(failed, 3);
  EXPECT_EQ(good, 3);
  EXPECT_EQ(session.failed_cases, 1);
}

// The iteration rows of these cases of `tiny`, one trial each, in one process.
std::vector<nlohmann::json> RunTiny(Session& session, const ModelTable& models, const std::vector<Case>& cases) {
  for (const Case& c : cases) RegisterCase(session, c, models.Find(c.model), 1);
  std::vector<nlohmann::json> iterations;
  for (const auto& row : RunRegistered()) {
    if (row["run_type"] == "iteration") iterations.push_back(row);
  }
  return iterations;
}

// Scores of T×T in FP64 would take 34 GB each.
TEST_F(Gpu, ChoosesAttentionForALongContext) {
  Session session{.device = *device_};
  Case c{.model = "tiny", .context = 65'536, .pass = Pass::kForward};
  c.batch = 1;
  c.precision = Precision::kBf16;
  c.attention = Attention::kSdpa;
  const auto rows = RunTiny(session, models_, {c});
  ASSERT_EQ(rows.size(), 1);
  EXPECT_FALSE(rows[0].contains("error_occurred")) << rows[0];
  EXPECT_THAT(rows[0]["label"].get<std::string>(),
              AnyOf("attention_backend:cudnn", "attention_backend:flash", "attention_backend:efficient"));
  EXPECT_LT(rows[0]["peak_allocated_bytes"].get<double>(), 34e9);
}

// More sequences than a launch's grid has in y or z: LibTorch's backends may refuse it, and are left out then.
TEST_F(Gpu, RunsABatchOfManySequences) {
  const ModelConfig small{.vocab = 64, .d_model = 64, .d_ff = 64, .layers = 1, .heads = 2};
  for (const Attention attention : {Attention::kSdpa, Attention::kShort}) {
    Case c{.model = "small_vocabulary", .context = 8, .pass = Pass::kForwardBackward};
    c.batch = 65'536;
    c.precision = Precision::kBf16;
    c.attention = attention;
    c.kernels = Kernels::kFused;
    const auto step = device_->MakeStep(c, small);
    NoMarks marks;
    step->Run(marks);
    EXPECT_NEAR(step->Loss(), std::log(64), 1) << CaseName(c);
  }
}

// Asks for more memory than there is while it is captured.
class HungryStep final : public CapturableStep {
 public:
  void Run(PhaseMarks&) override {
    cudaStreamCaptureStatus status{};
    CheckCuda(cudaStreamIsCapturing(at::cuda::getCurrentCUDAStream(), &status), "ask for a capture");
    if (status == cudaStreamCaptureStatusActive) at::empty({std::int64_t(1) << 50}, at::kCUDA);
  }
  void Reset() override {}
  double Loss() override { return 0; }
  std::string Label() const override { return ""; }
};

TEST_F(Gpu, GoesOnAfterACaptureThatRanOutOfMemory) {
  const CudaTimer timer(at::cuda::getCurrentCUDAStream());
  const torch::Device gpu(torch::kCUDA, 0);
  std::exception_ptr error;
  try {
    const GraphStep step(std::make_unique<HungryStep>(), timer, gpu);
  } catch (...) {
    error = std::current_exception();
  }
  ASSERT_TRUE(error);
  EXPECT_THAT(device_->Describe(error), StartsWith("out_of_memory: CUDA out of memory"));
  EXPECT_TRUE(device_->IsUsableAfter(error));
  error = nullptr;
  device_->CleanUp();
  Session session{.device = *device_};
  Case c = MiniCase();
  c.launch = Launch::kGraph;
  const auto rows = RunTiny(session, models_, {c});
  ASSERT_EQ(rows.size(), 1);
  EXPECT_FALSE(rows[0].contains("error_occurred")) << rows[0];
}

// Exits with 3 where the device knows that a kernel's failure ended all use of the GPU in this process.
void FailAKernel(Device& device) {
  std::exception_ptr error;
  try {
    const at::Tensor table = at::zeros({4}, at::kCUDA);
    const at::Tensor index = at::full({1}, 1 << 20, table.options().dtype(at::kLong));
    table.index_select(0, index);  // its kernel asserts
    device.Synchronize();
  } catch (...) {
    error = std::current_exception();
  }
  std::_Exit(error && !device.IsUsableAfter(error) ? 3 : 4);
}

TEST_F(Gpu, KnowsThatItIsLostWhenAKernelFailed) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process of its own
  EXPECT_EXIT(FailAKernel(*device_), testing::ExitedWithCode(3), "");
}

TEST_F(Gpu, SaysWhatItIs) {
  const auto context = device_->Context();
  for (const char* key : {"gpu_name", "gpu_count", "gpu_memory_bytes", "sm_count", "max_sm_clock_mhz", "driver_version",
                          "cuda_version", "cudnn_version"}) {
    EXPECT_TRUE(context.contains(key) && !context.at(key).empty()) << key;
  }
  EXPECT_EQ(context.at("device"), "cuda");
}

}  // namespace
}  // namespace tbench
