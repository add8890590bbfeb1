#include <ATen/cuda/CUDAContext.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/tensor.h>
#include <cuda_bf16.h>

#include <cmath>
#include <utility>
#include <vector>

#include "model/fused/attention.h"
#include "model/fused/attention_rope.h"
#include "model/fused/cublas_handle.h"
#include "model/fused/gemm.h"
#include "model/fused/layer_stack.h"
#include "model/fused/qkv_views.h"
#include "model/kernels/causal_softmax.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

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
        rope_(shape, inputs_.cos, inputs_.sin),
        is_bf16_(TraitsOf(precision).element == Element::kBf16),
        compute_(TraitsOf(precision).gemm == GemmMath::kTf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F),
        scale_(float(1 / std::sqrt(double(shape.head_size)))),
        workspace_(inputs_.dout.device()) {
    const at::TensorOptions tensors = inputs_.dout.options();
    const auto scores = [&] { return at::empty({shape.batch * shape.heads, shape.context, shape.context}, tensors); };
    const std::int64_t rows = shape.batch * shape.context;
    const std::vector<at::Tensor> outs = LayerStack(shape.layers, rows, shape.qkv().query_columns(), tensors);
    for (const at::Tensor& qkv : inputs_.qkv) {
      const at::Tensor& out = outs[layers_.size()];
      Layer& layer = layers_.emplace_back();
      layer.probabilities = scores();
      layer.out = out;
      layer.qkv = QkvMatricesOf(qkv);
      layer.p = MatricesOf(layer.probabilities.view({shape.batch, shape.heads, shape.context, shape.context}));
      layer.o = MatricesOf(HeadsOf(layer.out, shape));
    }
    dscores_ = scores();
    dqkv_ = at::empty({rows, shape.qkv().columns()}, tensors);
    ds_ = MatricesOf(dscores_.view({shape.batch, shape.heads, shape.context, shape.context}));
    do_ = MatricesOf(HeadsOf(inputs_.dout, shape));
    d_ = QkvMatricesOf(dqkv_);
  }

  at::Tensor Forward(std::int64_t index, Rope rope) override {
    const Layer& layer = layers_[std::size_t(index)];
    const auto& [q, k, v] = layer.qkv;
    const int t = int(shape_.context), size = int(shape_.head_size);
    if (rope == Rope::kPending) rope_.Forward(inputs_.qkv[std::size_t(index)]);
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
    const QkvViews columns = ColumnsOf(dqkv_, shape_.qkv());
    rope_.Backward(columns.q, columns.k, columns.v, inputs_.qkv[std::size_t(index)]);
  }

  bool accepts_rotated() const override { return true; }
  bool has_fixed_outputs() const override { return true; }

 private:
  struct QkvMatrices {
    Matrices q, k, v;
  };

  struct Layer {
    at::Tensor probabilities, out;  // [B·h,T,T], [B·T,h·k]
    QkvMatrices qkv;
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

  // matrices [B,h,rows,columns], contiguous along columns.
  static Matrices MatricesOf(const at::Tensor& matrices) {
    std::vector<std::int64_t> addresses;
    const std::int64_t start = reinterpret_cast<std::int64_t>(matrices.data_ptr());
    for (std::int64_t b = 0; b < matrices.size(0); ++b) {
      for (std::int64_t h = 0; h < matrices.size(1); ++h) {
        addresses.push_back(start + (b * matrices.stride(0) + h * matrices.stride(1)) * matrices.element_size());
      }
    }
    return {at::tensor(addresses, at::kLong).to(matrices.device()), matrices.stride(2)};
  }
  QkvMatrices QkvMatricesOf(const at::Tensor& rows) const {
    const auto [q, k, v] = QkvHeadsOf(rows, shape_);
    return {MatricesOf(q), MatricesOf(k), MatricesOf(v)};
  }

  // Of each sequence and head, in cuBLAS's column-major words: c [m,n] = op(a)·op(b) over k.
  void Multiply(cublasOperation_t op_a, cublasOperation_t op_b, int m, int n, int k, const Matrices& a,
                const Matrices& b, const Matrices& c) {
    const cudaDataType_t type = is_bf16_ ? CUDA_R_16BF : CUDA_R_32F;
    const float one = 1, zero = 0;
    CheckCublas(cublasSetStream(handle_.get(), at::cuda::getCurrentCUDAStream()), "give cuBLAS a stream");
    CheckCublas(cublasSetWorkspace(handle_.get(), workspace_.data(), GemmWorkspace::kBytes), "lend cuBLAS memory");
    CheckCublas(cublasGemmBatchedEx(handle_.get(), op_a, op_b, m, n, k, &one, a.data(), type, int(a.stride), b.data(),
                                    type, int(b.stride), &zero, c.data(), type, int(c.stride),
                                    int(shape_.batch * shape_.heads), compute_, CUBLAS_GEMM_DEFAULT),
                "multiply matrices");
  }

  AttentionShape shape_;
  AttentionInputs inputs_;
  AttentionRope rope_;
  bool is_bf16_;
  cublasComputeType_t compute_;
  float scale_;
  GemmWorkspace workspace_;
  CublasHandle handle_;
  std::vector<Layer> layers_;
  at::Tensor dscores_, dqkv_;
  Matrices ds_, do_;
  QkvMatrices d_;
};

}  // namespace

std::unique_ptr<FusedAttention> MakeMaterializedAttention(const AttentionShape& shape, AttentionInputs inputs,
                                                          Precision precision) {
  return std::make_unique<MaterializedAttention>(shape, std::move(inputs), precision);
}

}  // namespace tbench
