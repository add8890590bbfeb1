#pragma once

#include <ATen/core/Tensor.h>
#include <cublasLt.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "model/spec/precision.h"

// The GEMMs of linear layers on one GPU, by the fastest of the algorithms that there are.
namespace tbench {

// Of y = x·Wᵀ with x [rows, in], W [out, in], y [rows, out]; all row-major and contiguous.
enum class LinearGemm {
  kForward,         // y = x·Wᵀ
  kInputGradient,   // dx = dy·W
  kWeightGradient,  // dW = dyᵀ·x
};

struct GemmShape {
  LinearGemm kind;
  std::int64_t rows, in, out;
  std::int64_t splits;  // > 1: split-K; as many partial results, FP32, one behind the other

  bool operator==(const GemmShape&) const = default;
};

// GEMMs of one shape, side by side: `count` of them, each operand at that many elements behind the one before.
struct GemmBatch {
  std::int64_t count = 1, left = 0, right = 0, result = 0;
};

// Scratch memory for GEMMs of one precision that run one after another: those of one stream.
class GemmWorkspace {
 public:
  explicit GemmWorkspace(const at::Device& device);
  void* data() const { return memory_.data_ptr(); }
  static constexpr std::size_t kBytes = std::size_t(64) << 20;

 private:
  at::Tensor memory_;
};

// GEMMs of one shape. A split-K one does not add, its sum's length is a multiple of 8·splits, and it is no weight
// gradient. std::runtime_error where cuBLASLt has no algorithm or a call fails.
class Gemm {
 public:
  virtual ~Gemm() = default;

  // left: x, dy, dy; right: W, W, x (by the kind). `addend`, of the result's shape, may be null, and is for split-K
  // GEMMs and for all but kForward.
  struct Operands {
    const void* left;
    const void* right;
    const void* addend;
    void* result;
  };

  // Times what algorithms there are on the first of these operands, one after another, and keeps the fastest. Operands
  // of all layers, as in a step: so many are taken, where there are as many, that they come from memory, not from a
  // cache. The results are overwritten. On LibTorch's current stream, which is not the default one; waits for it.
  virtual void Tune(const std::vector<Operands>& operands, const GemmWorkspace& workspace) = 0;
  // Enqueues the GEMM.
  virtual void Run(cudaStream_t stream, const Operands& operands, const GemmWorkspace& workspace) const = 0;
  const GemmShape& shape() const { return shape_; }

 protected:
  explicit Gemm(const GemmShape& shape) : shape_(shape) {}

 private:
  GemmShape shape_;
};

struct GemmOptions {
  int multiprocessors = 0;  // how many of the GPU's cuBLASLt is meant to use at most; 0: all
  GemmBatch batch;          // of GEMMs without split-K
};

// By cuBLASLt; for kFp32x3 by a kernel of this project, which splits sums itself as it sees fit, takes all
// multiprocessors and the GEMMs of a batch one by one.
std::unique_ptr<Gemm> MakeGemm(cublasLtHandle_t handle, const GemmShape& shape, Precision precision,
                               const GemmOptions& options = {});

}  // namespace tbench
