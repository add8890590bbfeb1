#include "benchmarks/attention_backend.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>

#include <vector>

#include "benchmarks/device.h"
#include "benchmarks/torch_types.h"

namespace tbench {
namespace {

struct Backend {
  std::string name;
  std::int64_t choice;  // as at::_fused_sdp_choice numbers them
  void (at::Context::*allow)(bool);
};

const Backend kMath{"math", 0, &at::Context::setSDPUseMath};
const Backend kFlash{"flash", 1, &at::Context::setSDPUseFlash};
const Backend kEfficient{"efficient", 2, &at::Context::setSDPUseMemEfficient};
const Backend kCudnn{"cudnn", 3, &at::Context::setSDPUseCuDNN};

void AllowOnly(const Backend& allowed) {
  for (const Backend& backend : {kMath, kFlash, kEfficient, kCudnn}) {
    (at::globalContext().*backend.allow)(backend.choice == allowed.choice);
  }
}

std::vector<Backend> ByPreference(const Case& c, const c10::Device& device) {
  if (device.is_cpu()) return {kFlash, kMath};
  if (c.precision == Precision::kBf16) return {kCudnn, kFlash, kEfficient, kMath};
  return {kEfficient, kMath};
}

// The reasons why a backend does not fit are LibTorch's warnings: of no interest while another one may fit.
class Silence final : public c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

}  // namespace

std::string ForceAttentionBackend(const Case& c, const ModelConfig& config, const c10::Device& device) {
  Silence silence;
  const c10::WarningUtils::WarningHandlerGuard guard(&silence);
  const auto options = at::TensorOptions(device).dtype(ScalarTypeOf(c.precision));
  const at::Tensor q =  // [B,h,T,k], laid out as the model's
      at::empty({c.batch, c.context, config.heads, config.head_size()}, options).transpose(1, 2).requires_grad_();
  for (const Backend& backend : ByPreference(c, device)) {
    AllowOnly(backend);
    try {
      if (at::_fused_sdp_choice(q, q, q, {}, 0.0, /*is_causal=*/true) == backend.choice) return backend.name;
    } catch (const c10::Error&) {  // "No available kernel": this one does not fit
    }
  }
  throw NotSupported("no backend of scaled_dot_product_attention can run " + CaseName(c));
}

}  // namespace tbench
