#pragma once

#include <ATen/ATen.h>
#include <ATen/cuda/CUDAContext.h>
#include <cuda_bf16.h>
#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <ostream>
#include <type_traits>

// What the tests of the fused kernels share. A kernel's outputs are compared with LibTorch's composed operators in FP64
// on the same inputs. Skipped where there is no GPU.
namespace tbench::kernels {

// Of ‖out − reference‖/‖reference‖, a tensor. An FP32 operation rounds to 6e-8; sums of a thousand terms, and
// exponentials of differences near −10, are ten times as far off.
inline constexpr double kFp32Bound = 2e-6;
// The reference is rounded to BF16 too. A result that was rounded once differs from it where FP32's error crosses a
// tie, in one element of some thousands: 1e-4 in norm, one element of a short row counting more. Rounded twice, a third
// of the elements differ: 2.5e-3.
inline constexpr double kBf16Bound = 2e-3;

inline constexpr std::array kTypes{at::kFloat, at::kBFloat16};

inline const char* TypeName(at::ScalarType type) { return type == at::kFloat ? "fp32" : "bf16"; }

class GpuTest : public testing::Test {
 protected:
  void SetUp() override {
    if (at::cuda::device_count() == 0) GTEST_SKIP() << "needs a GPU that CUDA sees";
    at::manual_seed(0);
    stream_ = at::cuda::getCurrentCUDAStream();
  }

  cudaStream_t stream_ = nullptr;
};

template <class Shape>
class KernelTest : public GpuTest, public testing::WithParamInterface<Shape> {};

// Calls `test` with the kernels' T for a type of tensors: WithElement(type, [&]<class T>(std::type_identity<T>) {…}).
template <class Test>
void WithElement(at::ScalarType type, const Test& test) {
  if (type == at::kFloat) {
    test(std::type_identity<float>());
  } else {
    test(std::type_identity<__nv_bfloat16>());
  }
}

template <class T>
T* Data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

inline at::TensorOptions OnGpu(at::ScalarType type) { return at::TensorOptions(at::kCUDA).dtype(type); }

// Normal, of mean 0 and deviation 1.
inline at::Tensor Random(at::IntArrayRef sizes, at::ScalarType type) {
  return at::randn(sizes, OnGpu(at::kFloat)).to(type);
}

// Uniform in [0, below).
inline at::Tensor RandomTokens(std::int64_t rows, std::int64_t below) {
  return at::randint(below, {rows}, OnGpu(at::kLong));
}

inline at::Tensor Fp64(const at::Tensor& tensor) { return tensor.detach().to(at::kDouble); }
// A leaf of autograd's.
inline at::Tensor Fp64Leaf(const at::Tensor& tensor) { return Fp64(tensor).clone().requires_grad_(); }

// Elements behind an output that no kernel may write.
inline constexpr std::int64_t kGuard = 64;
inline constexpr int kPoisonedInteger = 0x7F7F7F7F;

// An output: NaN, so that what is not written shows, and a guard of NaN behind it.
inline at::Tensor Poisoned(at::IntArrayRef sizes, at::ScalarType type) {
  const std::int64_t count = c10::multiply_integers(sizes);
  const auto poison =
      at::isFloatingType(type) ? at::Scalar(std::numeric_limits<double>::quiet_NaN()) : at::Scalar(kPoisonedInteger);
  return at::full({count + kGuard}, poison, OnGpu(type)).narrow(0, 0, count).view(sizes);
}

// A copy for a kernel that works in place, with a guard behind it.
inline at::Tensor GuardedCopy(const at::Tensor& tensor) {
  return Poisoned(tensor.sizes(), tensor.scalar_type()).copy_(tensor);
}

// Of a tensor of Poisoned or GuardedCopy.
inline bool GuardIsWhole(const at::Tensor& output) {
  const at::Tensor guard = at::empty({0}, output.options()).set_(output.storage(), output.numel(), {kGuard}, {1});
  return (output.is_floating_point() ? guard.isnan() : guard.eq(kPoisonedInteger)).all().item<bool>();
}

inline bool IsFinite(const at::Tensor& tensor) { return at::isfinite(tensor).all().item<bool>(); }

// ‖out − reference‖/‖reference‖, the reference rounded to the type of `out`. NaN if any element is.
inline double RelativeError(const at::Tensor& out, const at::Tensor& reference) {
  const at::Tensor rounded = Fp64(reference.detach().to(out.scalar_type()));
  return ((Fp64(out) - rounded).norm() / rounded.norm()).item<double>();
}

inline void ExpectClose(const char* what, const at::Tensor& out, const at::Tensor& reference) {
  EXPECT_EQ(out.sizes(), reference.sizes()) << what;
  EXPECT_LE(RelativeError(out, reference), out.scalar_type() == at::kBFloat16 ? kBf16Bound : kFp32Bound) << what;
}

// The same, of a whole output with its guard.
inline void ExpectOutput(const char* what, const at::Tensor& out, const at::Tensor& reference) {
  ExpectClose(what, out, reference);
  EXPECT_TRUE(GuardIsWhole(out)) << what;
}

}  // namespace tbench::kernels
