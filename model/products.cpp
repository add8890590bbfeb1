#include "model/products.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "model/cuda_check.h"
#include "model/cuda_graph.h"

namespace tbench {
namespace {

constexpr int kProposals = 16;
constexpr int kTimings = 3;
// A later proposal must be that much faster: the first is cuBLASLt's own choice, and times scatter.
constexpr float kGain = 0.98F;

struct ScalarTypes {
  cudaDataType_t tensors;
  cublasComputeType_t compute;
};

ScalarTypes TypesOf(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kFp32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F};
    case Arithmetic::kTf32:
      return {CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32};
    case Arithmetic::kBf16:
      return {CUDA_R_16BF, CUBLAS_COMPUTE_32F};
  }
  throw std::logic_error("an arithmetic without cuBLAS types");
}

template <class Value>
void SetAttribute(cublasLtMatmulDesc_t operation, cublasLtMatmulDescAttributes_t attribute, const Value& value) {
  CheckCublas(cublasLtMatmulDescSetAttribute(operation, attribute, &value, sizeof value), "describe a product");
}

// cuBLASLt's matrices are column-major: a row-major [rows, columns] is its transpose, columns × rows.
cublasLtMatrixLayout_t LayoutOf(cudaDataType_t type, std::int64_t rows, std::int64_t columns) {
  cublasLtMatrixLayout_t layout = nullptr;
  CheckCublas(cublasLtMatrixLayoutCreate(&layout, type, std::uint64_t(columns), std::uint64_t(rows), columns),
              "describe a matrix");
  return layout;
}

std::vector<cublasLtMatmulAlgo_t> Propose(cublasLtHandle_t handle, cublasLtMatmulDesc_t operation,
                                          cublasLtMatrixLayout_t first, cublasLtMatrixLayout_t second,
                                          cublasLtMatrixLayout_t result) {
  cublasLtMatmulPreference_t preference = nullptr;
  CheckCublas(cublasLtMatmulPreferenceCreate(&preference), "describe a preference");
  const auto set = [preference](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
    CheckCublas(cublasLtMatmulPreferenceSetAttribute(preference, attribute, &value, sizeof value),
                "describe a preference");
  };
  set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t(ProductWorkspace::kBytes));
  // Parts of a split sum are added in FP32.
  set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, std::uint32_t(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  std::array<cublasLtMatmulHeuristicResult_t, kProposals> found{};
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(handle, operation, first, second, result, result,
                                                               preference, kProposals, found.data(), &count);
  cublasLtMatmulPreferenceDestroy(preference);
  CheckCublas(status, "find an algorithm for a product");
  std::vector<cublasLtMatmulAlgo_t> algorithms;
  for (int i = 0; i < count; ++i) {
    if (found[std::size_t(i)].state == CUBLAS_STATUS_SUCCESS) algorithms.push_back(found[std::size_t(i)].algo);
  }
  if (algorithms.empty()) throw std::runtime_error("cuBLASLt has no algorithm for a product");
  return algorithms;
}

}  // namespace

ProductWorkspace::ProductWorkspace(const at::Device& device)
    : memory_(at::empty({std::int64_t(kBytes)}, at::TensorOptions(device).dtype(at::kByte))) {}

Product::Product(cublasLtHandle_t handle, const ProductShape& shape, Arithmetic arithmetic)
    : handle_(handle), shape_(shape) {
  const auto [type, compute] = TypesOf(arithmetic);
  const auto [product, rows, in, out, adds] = shape;
  CheckCublas(cublasLtMatmulDescCreate(&operation_, compute, CUDA_R_32F), "describe a product");
  // resultᵀ = secondᵀ·firstᵀ: what cuBLASLt calls A is the right operand.
  const cublasLtMatrixLayout_t x = LayoutOf(type, rows, in), weight = LayoutOf(type, out, in),
                               y = LayoutOf(type, rows, out);
  switch (product) {
    case LinearProduct::kForward:
      SetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_T);
      first_ = weight, second_ = x, result_ = y;
      break;
    case LinearProduct::kInputGradient:
      first_ = weight, second_ = y, result_ = x;
      break;
    case LinearProduct::kWeightGradient:
      SetAttribute(operation_, CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_T);
      first_ = x, second_ = y, result_ = weight;
      break;
  }
  algorithms_ = Propose(handle_, operation_, first_, second_, result_);
}

Product::~Product() {
  for (cublasLtMatrixLayout_t layout : {first_, second_, result_}) cublasLtMatrixLayoutDestroy(layout);
  cublasLtMatmulDescDestroy(operation_);
}

void Product::RunAlgorithm(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace,
                           const cublasLtMatmulAlgo_t& algorithm) const {
  const float one = 1, beta = operands.addend == nullptr ? 0 : 1;
  const void* addend = operands.addend == nullptr ? operands.result : operands.addend;
  CheckCublas(
      cublasLtMatmul(handle_, operation_, &one, operands.right, first_, operands.left, second_, &beta, addend, result_,
                     operands.result, result_, &algorithm, workspace.data(), ProductWorkspace::kBytes, stream),
      "multiply matrices");
}

void Product::Run(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace) const {
  RunAlgorithm(stream, operands, workspace, algorithms_[chosen_]);
}

void Product::Tune(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace) {
  float best = std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < algorithms_.size(); ++i) {
    const float time =
        TimeInGraph(stream, kTimings, [&] { RunAlgorithm(stream, operands, workspace, algorithms_[i]); });
    if (time < (i == 0 ? 1 : kGain) * best) {
      best = time;
      chosen_ = i;
    }
  }
}

}  // namespace tbench
