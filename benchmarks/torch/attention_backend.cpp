#include "benchmarks/torch/attention_backend.h"

#include <ATen/Context.h>
#include <ATen/ops/_fused_sdp_choice.h>
#include <ATen/ops/randn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <exception>
#include <limits>
#include <string_view>
#include <vector>

#include "benchmarks/harness/device.h"
#include "benchmarks/torch/attention_probe.h"
#include "benchmarks/torch/types.h"
#include "model/fused/qkv_views.h"
#include "model/spec/short_attention_shapes.h"

namespace tbench {
namespace {

struct Backend {
  Attention id;
  std::int64_t choice;               // as at::_fused_sdp_choice numbers LibTorch's
  void (at::Context::*allow)(bool);  // null for what is not LibTorch's
};

// In the order of preference where nothing is timed.
const std::array kBackends{
    Backend{Attention::kShort, -1, nullptr},
    Backend{Attention::kCudnn, 3, &at::Context::setSDPUseCuDNN},
    Backend{Attention::kFlash, 1, &at::Context::setSDPUseFlash},
    Backend{Attention::kEfficient, 2, &at::Context::setSDPUseMemEfficient},
    Backend{Attention::kMath, 0, &at::Context::setSDPUseMath},
};

// The reasons why a backend does not fit are LibTorch's warnings: of no interest while another one may fit.
class Silence final : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

// q [B,h,T,k].
bool Fits(const Case& c, const Backend& backend, const at::Tensor& q) {
  if (backend.allow == nullptr) {
    return c.kernels == Kernels::kFused &&
           FitsShortAttention({1, q.size(0), q.size(2), q.size(1), q.size(3)}, q.scalar_type());
  }
  AllowOnly(backend.id);
  const at::Tensor x = q.detach().requires_grad_();
  try {
    return at::_fused_sdp_choice(x, x, x, {}, 0.0, /*is_causal=*/true) == backend.choice;
  } catch (const c10::Error&) {  // "No available kernel": this one does not fit
    return false;
  }
}

std::string ShortLimits() {
  std::vector<std::string> limits;
  for (const auto& [head_size, longest_context] : kernels::kShortAttentionLimits) {
    limits.push_back(fmt::format("a head size of {} with a context of at most {}", head_size, longest_context));
  }
  return fmt::format("{}", fmt::join(limits, ", or "));
}

}  // namespace

Attention ChooseAttentionBackend(const Case& c, const ModelConfig& config, const c10::Device& device) {
  Silence silence;
  const c10::WarningUtils::WarningHandlerGuard guard(&silence);
  const auto options = at::TensorOptions(device).dtype(ScalarTypeOf(c.precision));
  const at::Tensor qkv = at::randn({c.batch * c.context, config.qkv().columns()}, options);
  const AttentionShape shape{
      .layers = 1, .batch = c.batch, .context = c.context, .heads = config.heads, .head_size = config.head_size()};
  const at::Tensor q = QkvHeadsOf(qkv, shape).q;
  std::vector<Attention> fitting;
  for (const Backend& backend : kBackends) {
    const bool is_candidate = c.attention == Attention::kSdpa || c.attention == backend.id;
    if (is_candidate && Fits(c, backend, q)) fitting.push_back(backend.id);
  }
  if (fitting.empty()) {
    throw NotSupported(
        c.attention == Attention::kShort
            ? fmt::format("attention:short needs kernels:fused, bf16, {}, and a GPU whose shared memory holds that",
                          ShortLimits())
            : fmt::format("attention:{}: no backend of scaled_dot_product_attention runs here", NameOf(c.attention)));
  }
  // The fused kernels, which the probe is made of, take head sizes that are multiples of 8; for others LibTorch has one
  // backend beside math.
  const bool can_probe = config.head_size() % 8 == 0;
  if (fitting.size() == 1 || device.is_cpu() || !can_probe) return fitting.front();
  Attention fastest = fitting.back();
  float best = std::numeric_limits<float>::infinity();
  std::exception_ptr failure;
  for (const Attention backend : fitting) {
    if (!TraitsOf(backend).fused) continue;
    const ProbedAttention probed = ProbeAttention(backend, shape, qkv, c.precision, TraitsOf(c.pass).backward);
    if (probed.failure) failure = probed.failure;
    if (probed.failure || !(probed.error <= TraitsOf(c.precision).max_error) || probed.microseconds >= best) continue;
    best = probed.microseconds;
    fastest = backend;
  }
  if (failure && std::isinf(best)) std::rethrow_exception(failure);  // math, the last resort, would take T×T
  return fastest;
}

void AllowOnly(Attention allowed) {
  for (const Backend& backend : kBackends) {
    if (backend.allow != nullptr) (at::globalContext().*backend.allow)(backend.id == allowed);
  }
}

}  // namespace tbench
