#include "benchmarks/torch/attention_probe.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>
#include <c10/cuda/CUDAGuard.h>
#include <c10/cuda/CUDAStream.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "model/fused/cuda_graph.h"
#include "model/fused/qkv_views.h"
#include "model/kernels/cuda_check.h"

namespace tbench {
namespace {

// One layer's attention on random data; RoPE rotates by 0.
class AttentionProbe {
 public:
  AttentionProbe(Attention backend, const AttentionShape& shape, const at::Tensor& qkv, Precision precision)
      : shape_(shape), qkv_(qkv), qkv_now_(qkv.clone()) {
    const std::int64_t rows = shape.batch * shape.context;
    const auto fp32 = qkv.options().dtype(at::kFloat);
    attention_ = MakeAttention(backend, shape_,
                               {.qkv = {qkv_now_},
                                .dout = at::randn({rows, shape.qkv().query_columns()}, qkv.options()),
                                .cos = at::ones({shape.context, shape.head_size / 2}, fp32),
                                .sin = at::zeros({shape.context, shape.head_size / 2}, fp32)},
                               precision);
  }

  // ‖out − exact‖/‖exact‖ of some queries of the first head of the first sequence, from the first to the last: the
  // scores of all would take T×T in FP64.
  double Error() {
    const QkvViews heads = QkvHeadsOf(qkv_, shape_);
    const auto first = [](const at::Tensor& x) { return x.select(0, 0).select(0, 0).to(at::kDouble); };
    const std::int64_t last = shape_.context - 1, count = std::min(shape_.context, kCheckedQueries);
    const auto positions = at::TensorOptions(qkv_.device()).dtype(at::kDouble);
    const at::Tensor rows = at::linspace(0, double(last), count, positions).round().to(at::kLong);
    const at::Tensor q = first(heads.q.index_select(2, rows)), k = first(heads.k), v = first(heads.v);
    const at::Tensor out = first(HeadsOf(attention_->Forward(0, Rope::kPending), shape_)).index_select(0, rows);
    const at::Tensor scores = at::matmul(q, k.t()).div(std::sqrt(double(shape_.head_size)));
    const at::Tensor future = at::arange(shape_.context, rows.options()).gt(rows.unsqueeze(1));
    const at::Tensor exact =
        at::matmul(at::softmax(scores.masked_fill(future, -std::numeric_limits<double>::infinity()), -1), v);
    return out.sub(exact).norm().div(exact.norm()).item<double>();
  }

  // Of some passes, without the host's launches.
  float Microseconds(bool backward) {
    const auto stream = c10::cuda::getStreamFromPool();
    const c10::cuda::CUDAStreamGuard guard(stream);
    const auto pass = [&] {
      qkv_now_.copy_(qkv_);  // a backward pass leaves gradients there
      attention_->Forward(0, Rope::kPending);
      if (backward) attention_->Backward(0);
    };
    pass();  // sets the library up, which a capture does not allow
    CheckCuda(cudaStreamSynchronize(stream), "wait for attention");
    return TimeInGraph(kTimings, [&] {
      for (int i = 0; i < kRepeats; ++i) pass();
    });
  }

 private:
  static constexpr std::int64_t kCheckedQueries = 64;
  static constexpr int kRepeats = 5;
  static constexpr int kTimings = 3;

  AttentionShape shape_;
  at::Tensor qkv_, qkv_now_;  // [B·T, qkv columns]
  std::unique_ptr<FusedAttention> attention_;
};

}  // namespace

bool FitsShortAttention(const AttentionShape& shape, at::ScalarType type) { return CanBeShort(shape, type); }

ProbedAttention ProbeAttention(Attention backend, const AttentionShape& shape, const at::Tensor& qkv,
                               Precision precision, bool backward) {
  try {
    AttentionProbe probe(backend, shape, qkv, precision);
    const double error = probe.Error();
    return {.error = error, .microseconds = probe.Microseconds(backward)};
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    if (!IsGpuUsableAfter(failure)) throw;
    return {.failure = failure};
  }
}

}  // namespace tbench
