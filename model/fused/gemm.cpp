#include "model/fused/gemm.h"

#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <type_traits>

#include "model/fused/cuda_graph.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/fp32x3_gemm.h"

namespace tbench {
namespace {

constexpr int kProposals = 16;
constexpr int kTimings = 3;
// Of operands that a timing goes through: several caches.
constexpr double kTunedBytes = 256e6;
constexpr double kMaxTuned = 12;

struct ScalarTypes {
  cudaDataType_t tensors;
  cublasComputeType_t compute;
};

ScalarTypes TypesOf(Precision precision) {
  switch (TraitsOf(precision).gemm) {
    case GemmMath::kFp32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case GemmMath::kTf32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case GemmMath::kBf16:
      return {CUDA_R_16BF, CUBLAS_COMPUTE_32F};
    case GemmMath::kFp32x3:
      break;
  }
  throw std::logic_error("a precision without cuBLAS types");
}

// What cuBLASLt made, destroyed with its owner: an owner that throws half made leaks nothing.
template <auto kDestroy>
struct Destroy {
  template <class T>
  void operator()(T* made) const {
    kDestroy(made);
  }
};
template <class Handle, auto kDestroy>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Destroy<kDestroy>>;
using Operation = Owned<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using Layout = Owned<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using Preference = Owned<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

template <class Value>
void SetAttribute(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  CheckCublas(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value), "describe a GEMM");
}

// cuBLASLt's matrices are column-major: a row-major [rows, columns] is its transpose, columns × rows.
Layout LayoutOf(cudaDataType_t type, std::int64_t rows, std::int64_t columns, std::int64_t row_stride) {
  cublasLtMatrixLayout_t layout = nullptr;
  CheckCublas(cublasLtMatrixLayoutCreate(&layout, type, std::uint64_t(columns), std::uint64_t(rows), row_stride),
              "describe a matrix");
  return Layout(layout);
}

void MakeBatch(const Layout& layout, std::int64_t count, std::int64_t stride) {
  const auto set = [&layout](cublasLtMatrixLayoutAttribute_t attribute, auto value) {
    CheckCublas(cublasLtMatrixLayoutSetAttribute(layout.get(), attribute, &value, sizeof value), "describe a matrix");
  };
  set(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, std::int32_t(count));
  set(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, stride);
}

Preference MakePreference() {
  cublasLtMatmulPreference_t made = nullptr;
  CheckCublas(cublasLtMatmulPreferenceCreate(&made), "describe a preference");
  Preference preference(made);
  const auto set = [made](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    CheckCublas(cublasLtMatmulPreferenceSetAttribute(made, attribute, &value, sizeof value), "describe a preference");
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t(GemmWorkspace::kBytes));
  // Where cuBLASLt splits a sum itself, it adds the partials in FP32.
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, std::uint32_t(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  return preference;
}

std::vector<cublasLtMatmulAlgo_t> Propose(cublasLtHandle_t handle, const Operation& operation, const Layout& first,
                                          const Layout& second, const Layout& result) {
  std::array<cublasLtMatmulHeuristicResult_t, kProposals> found{};
  int count = 0;
  CheckCublas(cublasLtMatmulAlgoGetHeuristic(handle, operation.get(), first.get(), second.get(), result.get(),
                                             result.get(), MakePreference().get(), kProposals, found.data(), &count),
              "find an algorithm for a GEMM");
  std::vector<cublasLtMatmulAlgo_t> algorithms;
  for (int i = 0; i < count; ++i) {
    if (found[std::size_t(i)].state == CUBLAS_STATUS_SUCCESS) algorithms.push_back(found[std::size_t(i)].algo);
  }
  if (algorithms.empty()) throw std::runtime_error("cuBLASLt has no algorithm for a GEMM");
  return algorithms;
}

class CublasGemm final : public Gemm {
 public:
  CublasGemm(cublasLtHandle_t handle, const GemmShape& shape, Precision precision, const GemmOptions& options);

  void Tune(const std::vector<Operands>& operands, const GemmWorkspace& workspace) override;
  void Run(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace) const override;

 private:
  void RunAlgorithm(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace,
                    const cublasLtMatmulAlgo_t& algorithm) const;

  cublasLtHandle_t handle_;
  double bytes_;  // of the operands of a run
  Operation operation_;
  Layout first_, second_, result_;
  std::vector<cublasLtMatmulAlgo_t> algorithms_;  // as proposed, best first
  std::size_t chosen_ = 0;
};

CublasGemm::CublasGemm(cublasLtHandle_t handle, const GemmShape& shape, Precision precision, const GemmOptions& options)
    : Gemm(shape), handle_(handle) {
  const auto [type, compute] = TypesOf(precision);
  const auto& [kind, rows, in, out, splits] = shape;
  bytes_ = double(BytesOf(TraitsOf(precision).element) * options.batch.count) * double(rows * (in + out) + in * out);
  cublasLtMatmulDesc_t operation = nullptr;
  CheckCublas(cublasLtMatmulDescCreate(&operation, compute, CUDA_R_32F), "describe a GEMM");
  operation_.reset(operation);
  if (options.multiprocessors > 0) {
    SetAttribute(operation, CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, options.multiprocessors);
  }
  // resultᵀ = secondᵀ·firstᵀ: what cuBLASLt calls A is the right operand. Split-K splits the sum over `in` or `out`.
  const cudaDataType_t result_type = splits > 1 ? CUDA_R_32F : type;
  switch (kind) {
    case LinearGemm::kForward:
      SetAttribute(operation, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
      first_ = LayoutOf(type, out, in / splits, in);
      second_ = LayoutOf(type, rows, in / splits, in);
      result_ = LayoutOf(result_type, rows, out, out);
      break;
    case LinearGemm::kInputGradient:
      first_ = LayoutOf(type, out / splits, in, in);
      second_ = LayoutOf(type, rows, out / splits, out);
      result_ = LayoutOf(result_type, rows, in, in);
      break;
    case LinearGemm::kWeightGradient:
      SetAttribute(operation, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_T);
      first_ = LayoutOf(type, rows, in, in);
      second_ = LayoutOf(type, rows, out, out);
      result_ = LayoutOf(type, out, in, in);
      break;
  }
  if (splits > 1) {
    const bool forward = kind == LinearGemm::kForward;
    MakeBatch(first_, splits, forward ? in / splits : out / splits * in);
    MakeBatch(second_, splits, forward ? in / splits : out / splits);
    MakeBatch(result_, splits, rows * (forward ? out : in));
  } else if (options.batch.count > 1) {
    MakeBatch(first_, options.batch.count, options.batch.right);
    MakeBatch(second_, options.batch.count, options.batch.left);
    MakeBatch(result_, options.batch.count, options.batch.result);
  }
  algorithms_ = Propose(handle_, operation_, first_, second_, result_);
}

void CublasGemm::RunAlgorithm(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace,
                              const cublasLtMatmulAlgo_t& algorithm) const {
  const float one = 1, beta = operands.addend == nullptr ? 0 : 1;
  const void* addend = operands.addend == nullptr ? operands.result : operands.addend;
  CheckCublas(cublasLtMatmul(handle_, operation_.get(), &one, operands.right, first_.get(), operands.left,
                             second_.get(), &beta, addend, result_.get(), operands.result, result_.get(), &algorithm,
                             workspace.data(), GemmWorkspace::kBytes, stream),
              "multiply matrices");
}

void CublasGemm::Run(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace) const {
  RunAlgorithm(stream, operands, workspace, algorithms_[chosen_]);
}

void CublasGemm::Tune(const std::vector<Operands>& operands, const GemmWorkspace& workspace) {
  const cudaStream_t stream = at::cuda::getCurrentCUDAStream();
  const auto count = std::size_t(std::clamp(std::ceil(kTunedBytes / bytes_), 2.0, kMaxTuned));
  const std::vector<Operands> timed(operands.begin(),
                                    operands.begin() + std::ptrdiff_t(std::min(count, operands.size())));
  float best = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < algorithms_.size(); ++i) {
    const float time = TimeInGraph(kTimings, [&] {
      for (const Operands& one : timed) RunAlgorithm(stream, one, workspace, algorithms_[i]);
    });
    if (time < (i == 0 ? 1 : kTimingGain) * best) {
      best = time;
      chosen_ = i;
    }
  }
}

class Fp32x3Gemm final : public Gemm {
 public:
  Fp32x3Gemm(const GemmShape& shape, const GemmBatch& batch) : Gemm(shape), batch_(batch) {}

  void Tune(const std::vector<Operands>&, const GemmWorkspace&) override {}  // there is one algorithm
  void Run(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace) const override {
    for (std::int64_t i = 0; i < batch_.count; ++i) {
      CheckCuda(RunOne(stream, static_cast<const float*>(operands.left) + i * batch_.left,
                       static_cast<const float*>(operands.right) + i * batch_.right,
                       static_cast<const float*>(operands.addend),
                       static_cast<float*>(operands.result) + i * batch_.result, workspace.data()),
                "multiply matrices");
    }
  }

 private:
  cudaError_t RunOne(cudaStream_t stream, const float* left, const float* right, const float* addend, float* result,
                     void* workspace) const {
    const GemmShape& s = shape();
    switch (s.kind) {
      case LinearGemm::kForward:
        return kernels::Fp32x3Forward(stream, left, right, addend, result, workspace, s.rows, s.in, s.out);
      case LinearGemm::kInputGradient:
        return kernels::Fp32x3InputGradient(stream, left, right, result, workspace, s.rows, s.in, s.out);
      case LinearGemm::kWeightGradient:
        return kernels::Fp32x3WeightGradient(stream, left, right, result, workspace, s.rows, s.in, s.out);
    }
    return cudaErrorInvalidValue;
  }

  GemmBatch batch_;
};

}  // namespace

GemmWorkspace::GemmWorkspace(const at::Device& device)
    : memory_(at::zeros({std::int64_t(kBytes)}, at::TensorOptions(device).dtype(at::kByte))) {  // as kFp32x3 wants it
  if (kernels::Fp32x3WorkspaceBytes() > std::int64_t(kBytes)) throw std::logic_error("a GEMM's workspace is too small");
}

std::unique_ptr<Gemm> MakeGemm(cublasLtHandle_t handle, const GemmShape& shape, Precision precision,
                               const GemmOptions& options) {
  if (TraitsOf(precision).gemm == GemmMath::kFp32x3) return std::make_unique<Fp32x3Gemm>(shape, options.batch);
  return std::make_unique<CublasGemm>(handle, shape, precision, options);
}

}  // namespace tbench
