#include "model/fused/attention_rope.h"

#include <ATen/cuda/CUDAContext.h>
#include <cuda_bf16.h>

#include <type_traits>
#include <utility>

#include "model/kernels/cuda_check.h"
#include "model/kernels/rope.h"

namespace tbench {
namespace {

kernels::RopeShape RopeShapeOf(const AttentionShape& s) {
  return {s.batch * s.context, s.context, s.heads, s.head_size};
}

// Calls `launch` with the type of the tensor's elements.
template <class Launch>
void WithElement(const at::Tensor& tensor, Launch launch) {
  CheckCuda(tensor.scalar_type() == at::kBFloat16 ? launch(std::type_identity<__nv_bfloat16>())
                                                  : launch(std::type_identity<float>()),
            "launch RoPE");
}

template <class T>
T* Data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

}  // namespace

AttentionRope::AttentionRope(const AttentionShape& shape, at::Tensor cos, at::Tensor sin)
    : shape_(shape), cos_(std::move(cos)), sin_(std::move(sin)) {}

void AttentionRope::Forward(const at::Tensor& qkv) const {
  WithElement(qkv, [&]<class T>(std::type_identity<T>) {
    return kernels::RopeForward(at::cuda::getCurrentCUDAStream(), Data<T>(qkv), Data<float>(cos_), Data<float>(sin_),
                                RopeShapeOf(shape_));
  });
}

void AttentionRope::Backward(const at::Tensor& dq, const at::Tensor& dk, const at::Tensor& dv,
                             const at::Tensor& dqkv) const {
  WithElement(dqkv, [&]<class T>(std::type_identity<T>) {
    return kernels::RopeBackward<T>(at::cuda::getCurrentCUDAStream(), Data<T>(dq), Data<T>(dk), Data<T>(dv),
                                    dq.stride(0), Data<T>(dqkv), Data<float>(cos_), Data<float>(sin_),
                                    RopeShapeOf(shape_));
  });
}

}  // namespace tbench
