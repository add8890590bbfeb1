#pragma once

#include <ATen/core/Tensor.h>
#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "model/arithmetic.h"

// The matrix products of linear layers on one GPU, by cuBLASLt with the fastest of the algorithms that it proposes.
namespace tbench {

// Of y = x·Wᵀ with x [rows, in], W [out, in], y [rows, out]; all row-major and contiguous.
enum class LinearProduct {
  kForward,         // y = x·Wᵀ
  kInputGradient,   // dx = dy·W
  kWeightGradient,  // dW = dyᵀ·x
};

struct ProductShape {
  LinearProduct product;
  std::int64_t rows, in, out;
  bool adds;  // adds a matrix of the result's shape

  bool operator==(const ProductShape&) const = default;
};

// Scratch memory for products that run one after another: those of one stream.
class ProductWorkspace {
 public:
  explicit ProductWorkspace(const at::Device& device);
  void* data() const { return memory_.data_ptr(); }
  static constexpr std::size_t kBytes = std::size_t(64) << 20;

 private:
  at::Tensor memory_;
};

// Products of one shape. std::runtime_error where cuBLASLt has no algorithm or a call fails.
class Product {
 public:
  Product(cublasLtHandle_t handle, const ProductShape& shape, Arithmetic arithmetic);
  ~Product();
  Product(const Product&) = delete;
  Product& operator=(const Product&) = delete;

  // left: x, dy, dy; right: W, W, x (by the kind of product). `addend` may be null, and must be where the shape does
  // not add.
  struct Operands {
    const void* left;
    const void* right;
    const void* addend;
    void* result;
  };

  // Times the proposed algorithms on these operands, which are overwritten, and keeps the fastest. Waits for the
  // device.
  void Tune(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace);
  // Enqueues the product.
  void Run(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace) const;
  const ProductShape& shape() const { return shape_; }

 private:
  void RunAlgorithm(cudaStream_t stream, const Operands& operands, const ProductWorkspace& workspace,
                    const cublasLtMatmulAlgo_t& algorithm) const;

  cublasLtHandle_t handle_;
  ProductShape shape_;
  cublasLtMatmulDesc_t operation_ = nullptr;
  cublasLtMatrixLayout_t first_ = nullptr, second_ = nullptr, result_ = nullptr;
  std::vector<cublasLtMatmulAlgo_t> algorithms_;  // as proposed, best first
  std::size_t chosen_ = 0;
};

}  // namespace tbench
