#include "benchmarks/torch/kernel_probe.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randint.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDAStream.h>
#include <cuda_bf16.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "benchmarks/harness/burst.h"
#include "benchmarks/harness/device.h"
#include "benchmarks/torch/types.h"
#include "model/composed/optimizer.h"
#include "model/kernels/adamw.h"
#include "model/kernels/causal_softmax.h"
#include "model/kernels/cross_entropy.h"
#include "model/kernels/cuda_check.h"
#include "model/kernels/embedding.h"
#include "model/kernels/hopper/hopper_support.h"
#include "model/kernels/hopper/rope_gemm.h"
#include "model/kernels/hopper/swiglu_gemm.h"
#include "model/kernels/rms_norm.h"
#include "model/kernels/rope.h"
#include "model/kernels/short_attention.h"
#include "model/kernels/swiglu.h"

namespace tbench {
namespace {

using kernels::RopeShape;
using KernelLaunch = std::function<cudaError_t()>;

// Of all sets of inputs together: with twice the cache, a part of it would still be found there.
constexpr double kCachesOfInputs = 4;
// Tiny ones stay in the cache, and are bound by their launches anyway.
constexpr double kMaxSets = 256;

template <class T>
T* Data(const at::Tensor& tensor) {
  return static_cast<T*>(tensor.data_ptr());
}

// The tensors of an operation: a new set at every call.
class Inputs {
 public:
  Inputs(const Kernel& kernel, const at::Device& device)
      : kernel_(kernel), options_(at::TensorOptions(device).dtype(ScalarTypeOf(kernel.element))) {}

  at::Tensor Random(at::IntArrayRef sizes) const { return at::randn(sizes, options_); }
  at::Tensor Empty(at::IntArrayRef sizes) const { return at::empty(sizes, options_); }
  at::Tensor RandomFp32(at::IntArrayRef sizes) const { return at::randn(sizes, options_.dtype(at::kFloat)); }
  at::Tensor PositiveFp32(at::IntArrayRef sizes) const { return at::rand(sizes, options_.dtype(at::kFloat)); }
  at::Tensor Integers(std::int64_t count) const { return at::zeros({count}, options_.dtype(at::kInt)); }
  at::Tensor Bytes(std::size_t count) const { return at::zeros({std::int64_t(count)}, options_.dtype(at::kByte)); }
  at::Tensor Tokens() const { return at::randint(kernel_.vocab, {kernel_.rows}, options_.dtype(at::kLong)); }

 private:
  const Kernel& kernel_;
  at::TensorOptions options_;
};

void RequireMultipleOf8(const char* what, std::int64_t size) {
  if (size % 8 != 0) throw NotSupported(fmt::format("{} {}: the fused kernels take multiples of 8", what, size));
}

QkvLayout QkvOf(const Kernel& k) { return {.heads = k.heads, .head_size = k.head_size}; }

bool IsForward(const Kernel& k) { return k.direction == Kernel::Direction::kForward; }

template <class T>
KernelLaunch Embedding(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("width", k.width);
  const at::Tensor tokens = inputs.Tokens();
  if (IsForward(k)) {
    return [=, table = inputs.Random({k.vocab, k.width}), x = inputs.Empty({k.rows, k.width})] {
      return kernels::EmbeddingForward(stream, Data<T>(table), Data<std::int64_t>(tokens), Data<T>(x), k.rows, k.width);
    };
  }
  return [=, dx = inputs.Random({k.rows, k.width}), dtable = inputs.Empty({k.vocab, k.width}),
          first = inputs.Integers(k.vocab), next = inputs.Integers(k.rows)] {
    return kernels::EmbeddingBackward(stream, Data<T>(dx), Data<std::int64_t>(tokens), Data<T>(dtable),
                                      Data<int>(first), Data<int>(next), k.rows, k.vocab, k.width);
  };
}

template <class T>
KernelLaunch RmsNorm(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("width", k.width);
  const at::Tensor x = inputs.Random({k.rows, k.width}), weight = inputs.Random({k.width});
  const at::Tensor scale = inputs.PositiveFp32({k.rows}), out = inputs.Empty({k.rows, k.width});
  if (IsForward(k)) {
    return [=] {
      return kernels::RmsNormForward(stream, Data<T>(x), Data<T>(weight), Data<T>(out), Data<float>(scale), k.rows,
                                     k.width);
    };
  }
  std::int64_t partial_rows = 0;
  CheckCuda(kernels::RmsNormPartialRows(k.rows, partial_rows), "count the multiprocessors");
  return [=, dy = inputs.Random({k.rows, k.width}), residual = inputs.Random({k.rows, k.width}),
          partial_dw = inputs.RandomFp32({partial_rows, k.width})] {
    return kernels::RmsNormBackward(stream, Data<T>(dy), Data<T>(x), Data<T>(weight), Data<float>(scale),
                                    Data<T>(residual), Data<T>(out), Data<float>(partial_dw), partial_rows, k.rows,
                                    k.width);
  };
}

template <class T>
KernelLaunch Rope(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("head_size", k.head_size);
  const RopeShape shape{.rows = k.rows, .context = k.context, .heads = k.heads, .head_size = k.head_size};
  const std::int64_t width = QkvOf(k).query_columns();
  const at::Tensor angle = inputs.RandomFp32({k.context, k.head_size / 2}), cos = angle.cos(), sin = angle.sin();
  const at::Tensor qkv = inputs.Random({k.rows, QkvOf(k).columns()});
  if (IsForward(k)) {
    return [=] { return kernels::RopeForward(stream, Data<T>(qkv), Data<float>(cos), Data<float>(sin), shape); };
  }
  // As scaled_dot_product_attention leaves them: apart.
  return [=, dq = inputs.Random({k.rows, width}), dk = inputs.Random({k.rows, width}),
          dv = inputs.Random({k.rows, width})] {
    return kernels::RopeBackward<T>(stream, Data<T>(dq), Data<T>(dk), Data<T>(dv), width, Data<T>(qkv),
                                    Data<float>(cos), Data<float>(sin), shape);
  };
}

template <class T>
KernelLaunch CausalSoftmax(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("context", k.context);
  const at::Tensor matrices = inputs.Random({k.matrices, k.context, k.context});
  constexpr float kScale = 0.125F;  // of heads of 64
  if (IsForward(k)) {
    return [=] { return kernels::CausalSoftmaxForward(stream, Data<T>(matrices), kScale, k.matrices, k.context); };
  }
  return [=, probabilities = inputs.Random({k.matrices, k.context, k.context}).softmax(-1)] {
    return kernels::CausalSoftmaxBackward(stream, Data<T>(matrices), Data<T>(probabilities), kScale, k.matrices,
                                          k.context);
  };
}

// In BF16 alone.
KernelLaunch ShortAttention(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  if (k.element != Element::kBf16 || !kernels::CanRunShortAttention(k.context, k.head_size)) {
    throw NotSupported(fmt::format("precision {}, context {}, head_size {}: short attention has no such kernel here",
                                   RowOf(kElements, k.element).name, k.context, k.head_size));
  }
  using T = __nv_bfloat16;
  const kernels::ShortAttentionShape shape{
      .batch = k.rows / k.context, .context = k.context, .heads = k.heads, .head_size = k.head_size};
  const std::int64_t width = QkvOf(k).query_columns();
  const at::Tensor angle = inputs.RandomFp32({k.context, k.head_size / 2}), cos = angle.cos(), sin = angle.sin();
  const at::Tensor qkv = inputs.Random({k.rows, QkvOf(k).columns()}), out = inputs.Random({k.rows, width});
  // Of normal scores it is near log(context) + 1/2.
  const at::Tensor log_sum_exp = inputs.PositiveFp32({k.rows * k.heads}).add(std::log(double(k.context)) + 0.5);
  if (IsForward(k)) {
    return [=] {
      return kernels::ShortAttentionForward(stream, Data<T>(qkv), Data<float>(cos), Data<float>(sin), Data<T>(out),
                                            Data<float>(log_sum_exp), shape);
    };
  }
  // Its gradients are the next run's queries, keys and values. No time depends on their values: nothing branches on
  // them.
  return [=, dout = inputs.Random({k.rows, width})] {
    return kernels::ShortAttentionBackward(stream, Data<T>(qkv), Data<T>(out), Data<T>(dout), Data<float>(log_sum_exp),
                                           Data<float>(cos), Data<float>(sin), shape);
  };
}

template <class T>
KernelLaunch SwiGlu(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("width", k.width);
  const at::Tensor ab = inputs.Random({k.rows, 2 * k.width}), h = inputs.Random({k.rows, k.width});
  if (IsForward(k)) {
    return [=] { return kernels::SwiGluForward(stream, Data<T>(ab), Data<T>(h), k.rows, k.width); };
  }
  return [=, dab = inputs.Empty({k.rows, 2 * k.width})] {
    return kernels::SwiGluBackward(stream, Data<T>(h), Data<T>(ab), Data<T>(dab), k.rows, k.width);
  };
}

void RequireHopperGemms(const Kernel& k) {
  if (k.element != Element::kBf16 || !kernels::HasHopperGemms()) {
    throw NotSupported(fmt::format("{}: BF16 on GPUs of compute capability 9.0 alone", OperationName(k)));
  }
}

KernelLaunch RopeGemm(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireHopperGemms(k);
  RequireMultipleOf8("head_size", k.head_size);
  RequireMultipleOf8("in", k.in);
  using T = __nv_bfloat16;
  const RopeShape shape{.rows = k.rows, .context = k.context, .heads = k.heads, .head_size = k.head_size};
  const std::int64_t out = QkvOf(k).columns();
  const at::Tensor angle = inputs.RandomFp32({k.context, k.head_size / 2}), cos = angle.cos(), sin = angle.sin();
  return [=, x = inputs.Random({k.rows, k.in}), w = inputs.Random({out, k.in}), qkv = inputs.Empty({k.rows, out})] {
    return kernels::RopeGemmForward(stream, Data<T>(x), Data<T>(w), Data<T>(qkv), Data<float>(cos), Data<float>(sin),
                                    shape, k.in);
  };
}

KernelLaunch SwiGluGemm(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireHopperGemms(k);
  RequireMultipleOf8("in", k.in);
  RequireMultipleOf8("width", k.width);
  using T = __nv_bfloat16;
  const at::Tensor x = inputs.Random({k.rows, k.in}), ab = inputs.Random({k.rows, 2 * k.width});
  if (IsForward(k)) {
    return [=, w13 = inputs.Random({2 * k.width, k.in}), h = inputs.Empty({k.rows, k.width})] {
      return kernels::SwiGluGemmForward(stream, Data<T>(x), Data<T>(w13), Data<T>(ab), Data<T>(h), k.rows, k.in,
                                        k.width);
    };
  }
  return [=, w2 = inputs.Random({k.in, k.width})] {
    return kernels::SwiGluGemmBackward(stream, Data<T>(x), Data<T>(w2), Data<T>(ab), k.rows, k.in, k.width);
  };
}

template <class T>
KernelLaunch CrossEntropy(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("vocab", k.vocab);
  const at::Tensor logits = inputs.Random({k.rows, k.vocab}), targets = inputs.Tokens();
  // Of vocabularies of normal logits it is near log(vocab) + 1/2.
  const at::Tensor log_sum_exp = inputs.PositiveFp32({k.rows}).add(std::log(double(k.vocab)) + 0.5);
  if (IsForward(k)) {
    return [=, row_loss = inputs.PositiveFp32({k.rows}), loss = inputs.PositiveFp32({1}), done = inputs.Integers(1)] {
      return kernels::CrossEntropyForward(stream, Data<T>(logits), Data<std::int64_t>(targets), Data<float>(row_loss),
                                          Data<float>(log_sum_exp), Data<float>(loss), Data<unsigned>(done), k.rows,
                                          k.vocab);
    };
  }
  return [=] {
    return kernels::CrossEntropyBackward(stream, Data<T>(logits), Data<std::int64_t>(targets), Data<float>(log_sum_exp),
                                         k.rows, k.vocab);
  };
}

template <class T>
KernelLaunch AdamWUpdate(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  RequireMultipleOf8("number of parameters", k.parameters);
  const AdamW::Options options;
  const kernels::AdamWSettings settings{.learning_rate = options.learning_rate,
                                        .beta1 = options.beta1,
                                        .beta2 = options.beta2,
                                        .epsilon = options.epsilon,
                                        .weight_decay = options.weight_decay};
  const at::Tensor parameters = inputs.Random({k.parameters});
  const at::Tensor masters = k.element == Element::kBf16 ? inputs.RandomFp32({k.parameters}) : parameters;
  return [=, gradients = inputs.Random({k.parameters}), first = inputs.RandomFp32({k.parameters}),
          second = inputs.PositiveFp32({k.parameters}), clock = inputs.Bytes(sizeof(kernels::AdamWClock))] {
    return kernels::AdamWStep(stream, Data<T>(parameters), Data<float>(masters), Data<T>(gradients), Data<float>(first),
                              Data<float>(second), Data<kernels::AdamWClock>(clock), k.parameters, settings);
  };
}

template <class T>
KernelLaunch MakeLaunch(const Kernel& k, const Inputs& inputs, cudaStream_t stream) {
  switch (k.operation) {
    case Kernel::Operation::kEmbedding:
      return Embedding<T>(k, inputs, stream);
    case Kernel::Operation::kRmsNorm:
      return RmsNorm<T>(k, inputs, stream);
    case Kernel::Operation::kRotaryEmbedding:
      return Rope<T>(k, inputs, stream);
    case Kernel::Operation::kRotaryProduct:
      return RopeGemm(k, inputs, stream);
    case Kernel::Operation::kCausalSoftmax:
      return CausalSoftmax<T>(k, inputs, stream);
    case Kernel::Operation::kShortAttention:
      return ShortAttention(k, inputs, stream);
    case Kernel::Operation::kSwiGlu:
      return SwiGlu<T>(k, inputs, stream);
    case Kernel::Operation::kSwiGluProduct:
      return SwiGluGemm(k, inputs, stream);
    case Kernel::Operation::kCrossEntropy:
      return CrossEntropy<T>(k, inputs, stream);
    case Kernel::Operation::kAdamW:
      return AdamWUpdate<T>(k, inputs, stream);
  }
  throw std::logic_error("an operation without a kernel");
}

std::size_t NumberOfSets(const Kernel& kernel, const at::Device& device) {
  int cache = 0;
  CheckCuda(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, device.index()), "read the size of the L2 cache");
  return std::size_t(std::clamp(std::ceil(kCachesOfInputs * cache / BytesOf(kernel)), 1.0, kMaxSets));
}

// Launches one set after another, and begins again.
std::function<void()> RoundRobin(std::vector<KernelLaunch> launches) {
  return [launches = std::move(launches), next = std::size_t(0)]() mutable {
    CheckCuda(launches[next](), "launch a kernel");
    next = (next + 1) % launches.size();
  };
}

}  // namespace

std::unique_ptr<Probe> MakeTorchKernel(const Kernel& kernel, const c10::Device& device, Timer& timer) {
  const cudaStream_t stream = c10::cuda::getCurrentCUDAStream(device.index());
  const Inputs inputs(kernel, device);
  std::vector<KernelLaunch> launches(NumberOfSets(kernel, device));
  for (KernelLaunch& launch : launches) {
    launch = kernel.element == Element::kBf16 ? MakeLaunch<__nv_bfloat16>(kernel, inputs, stream)
                                              : MakeLaunch<float>(kernel, inputs, stream);
  }
  return std::make_unique<BurstProbe>(RoundRobin(std::move(launches)), timer, kGpuBurst);
}

}  // namespace tbench
