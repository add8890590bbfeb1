#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <cublas_v2.h>
#include <cuda_bf16.h>

#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "model/fused/attention.h"
#include "model/fused/attention_rotation.h"
#include "model/fused/gemm.h"
#include "model/fused/layer_stack.h"
#include "model/kernels/causal_softmax.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

class Handle {
 public:
  Handle() { CheckCublas(cublasCreate(&handle_), "open cuBLAS"); }
  ~Handle() { cublasDestroy(handle_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  cublasHandle_t get() const { return handle_; }

 private:
  cublasHandle_t handle_ = nullptr;
};

// One matrix for every sequence and head: their addresses, on the GPU, and the elements from row to row.
struct Matrices {
  at::Tensor addresses;
  std::int64_t stride = 0;
  void** data() const { return reinterpret_cast<void**>(addresses.data_ptr<std::int64_t>()); }
};

class MaterializedAttention final : public FusedAttention {
 public:
  MaterializedAttention(const AttentionShape& shape, AttentionInputs inputs, Precision precision)
      : shape_(shape),
        inputs_(std::move(inputs)),
        rotation_(shape, inputs_.cos, inputs_.sin),
        is_bf16_(TraitsOf(precision).element == Element::kBf16),
        compute_(TraitsOf(precision).gemm == GemmMath::kTf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F),
        scale_(float(1 / std::sqrt(double(shape.head_size)))),
        workspace_(inputs_.dout.device()) {
    const at::TensorOptions tensors = inputs_.dout.options();
    const auto scores = [&] { return at::empty({shape.batch * shape.heads, shape.context, shape.context}, tensors); };
    const std::vector<at::Tensor> outs =
        LayerStack(shape.layers, shape.batch * shape.context, shape.heads * shape.head_size, tensors);
    for (const at::Tensor& qkv : inputs_.qkv) {
      const at::Tensor& out = outs[layers_.size()];
      Layer& layer = layers_.emplace_back();
      layer.probabilities = scores();
      layer.out = out;
      layer.qkv = ThirdsOf(qkv);
      layer.p = ScoresOf(layer.probabilities);
      layer.o = HeadsOf(layer.out);
    }
    dscores_ = scores();
    dqkv_ = at::empty({shape.batch * shape.context, 3 * shape.heads * shape.head_size}, tensors);
    ds_ = ScoresOf(dscores_);
    do_ = HeadsOf(inputs_.dout);
    d_ = ThirdsOf(dqkv_);
  }

  at::Tensor Forward(std::int64_t index, Rotation rotation) override {
    const Layer& layer = layers_[std::size_t(index)];
    const auto& [q, k, v] = layer.qkv;
    const int t = int(shape_.context), size = int(shape_.head_size);
    if (rotation == Rotation::kToDo) rotation_.Forward(inputs_.qkv[std::size_t(index)]);
    Multiply(CUBLAS_OP_T, CUBLAS_OP_N, t, t, size, k, q, layer.p);  // q·kᵀ
    CheckCuda(is_bf16_ ? SoftmaxForward<__nv_bfloat16>(layer) : SoftmaxForward<float>(layer), "launch a softmax");
    Multiply(CUBLAS_OP_N, CUBLAS_OP_N, size, t, t, v, layer.p, layer.o);  // p·v
    return layer.out;
  }

  void Backward(std::int64_t index) override {
    const Layer& layer = layers_[std::size_t(index)];
    const auto& [q, k, v] = layer.qkv;
    const auto& [dq, dk, dv] = d_;
    const int t = int(shape_.context), size = int(shape_.head_size);
    Multiply(CUBLAS_OP_T, CUBLAS_OP_N, t, t, size, v, do_, ds_);       // do·vᵀ
    Multiply(CUBLAS_OP_N, CUBLAS_OP_T, size, t, t, do_, layer.p, dv);  // pᵀ·do
    CheckCuda(is_bf16_ ? SoftmaxBackward<__nv_bfloat16>(layer) : SoftmaxBackward<float>(layer), "launch a softmax");
    Multiply(CUBLAS_OP_N, CUBLAS_OP_N, size, t, t, k, ds_, dq);  // ds·k
    Multiply(CUBLAS_OP_N, CUBLAS_OP_T, size, t, t, q, ds_, dk);  // dsᵀ·q
    const std::int64_t width = shape_.heads * shape_.head_size;
    rotation_.Backward(dqkv_.narrow(1, 0, width), dqkv_.narrow(1, width, width), dqkv_.narrow(1, 2 * width, width),
                       inputs_.qkv[std::size_t(index)]);
  }

  bool takes_turned() const override { return true; }
  bool has_fixed_outputs() const override { return true; }

 private:
  using Thirds = std::array<Matrices, 3>;  // queries, keys, values

  struct Layer {
    at::Tensor probabilities, out;  // [B·h,T,T], [B·T,h·k]
    Thirds qkv;
    Matrices p, o;
  };

  template <class T>
  cudaError_t SoftmaxForward(const Layer& layer) const {
    return kernels::CausalSoftmaxForward(at::cuda::getCurrentCUDAStream(),
                                         static_cast<T*>(layer.probabilities.data_ptr()), scale_,
                                         shape_.batch * shape_.heads, shape_.context);
  }
  template <class T>
  cudaError_t SoftmaxBackward(const Layer& layer) const {
    return kernels::CausalSoftmaxBackward(at::cuda::getCurrentCUDAStream(), static_cast<T*>(dscores_.data_ptr()),
                                          static_cast<const T*>(layer.probabilities.data_ptr()), scale_,
                                          shape_.batch * shape_.heads, shape_.context);
  }

  Matrices AddressesOf(const at::Tensor& base, std::int64_t batch_stride, std::int64_t head_stride,
                       std::int64_t row_stride) const {
    std::vector<std::int64_t> addresses;
    const std::int64_t start = reinterpret_cast<std::int64_t>(base.data_ptr());
    for (std::int64_t b = 0; b < shape_.batch; ++b) {
      for (std::int64_t h = 0; h < shape_.heads; ++h) {
        addresses.push_back(start + (b * batch_stride + h * head_stride) * base.element_size());
      }
    }
    return {at::tensor(addresses, at::kLong).to(base.device()), row_stride};
  }
  Matrices ScoresOf(const at::Tensor& scores) const {
    const std::int64_t matrix = shape_.context * shape_.context;
    return AddressesOf(scores, shape_.heads * matrix, matrix, shape_.context);
  }
  Matrices HeadsOf(const at::Tensor& rows) const {
    return AddressesOf(rows, shape_.context * rows.stride(0), shape_.head_size, rows.stride(0));
  }

  Thirds ThirdsOf(const at::Tensor& qkv) const {
    const std::int64_t width = shape_.heads * shape_.head_size;
    return {HeadsOf(qkv.narrow(1, 0, width)), HeadsOf(qkv.narrow(1, width, width)),
            HeadsOf(qkv.narrow(1, 2 * width, width))};
  }

  // Of each sequence and head, in cuBLAS's column-major words: c [m,n] = op(a)·op(b) over k.
  void Multiply(cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k, const Matrices& a,
                const Matrices& b, const Matrices& c) {
    const cudaDataType_t type = is_bf16_ ? CUDA_R_16BF : CUDA_R_32F;
    const float one = 1, zero = 0;
    CheckCublas(cublasSetStream(handle_.get(), at::cuda::getCurrentCUDAStream()), "give cuBLAS a stream");
    CheckCublas(cublasSetWorkspace(handle_.get(), workspace_.data(), ProductWorkspace::kBytes), "lend cuBLAS memory");
    CheckCublas(cublasGemmBatchedEx(handle_.get(), op_a, op_b, m, n, k, &one, a.data(), type, int(a.stride), b.data(),
                                    type, int(b.stride), &zero, c.data(), type, int(c.stride),
                                    int(shape_.batch * shape_.heads), compute_, CUBLAS_GEMM_DEFAULT),
                "multiply matrices");
  }

  AttentionShape shape_;
  AttentionInputs inputs_;
  AttentionRotation rotation_;
  bool is_bf16_;
  cublasComputeType_t compute_;
  float scale_;
  ProductWorkspace workspace_;
  Handle handle_;
  std::vector<Layer> layers_;
  at::Tensor dscores_, dqkv_;
  Matrices ds_, do_;
  Thirds d_;
};

}  // namespace

std::unique_ptr<FusedAttention> MakeMaterializedAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                          Precision precision) {
  return std::make_unique<MaterializedAttention>(shape, std::move(inputs), precision);
}

}  // namespace tbench
