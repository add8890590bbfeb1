#include "model/composed/positions.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/outer.h>
#include <ATen/ops/pow.h>

namespace tbench {
namespace {

constexpr double kRopeTheta = 10'000;

}  // namespace

Positions::Positions(std::int64_t context, std::int64_t head_size, Attention attention, const at::Device& device) {
  // The angles in FP64 on the host: cos and sin are then right to FP32 at any position.
  const at::Tensor pair = at::arange(0, head_size, 2, at::kDouble);
  const at::Tensor angle =
      at::outer(at::arange(context, at::kDouble), at::pow(kRopeTheta, (-pair).div(double(head_size))));
  cos = angle.cos().to(device, at::kFloat);
  sin = angle.sin().to(device, at::kFloat);
  if (TraitsOf(attention).is_sdpa) return;
  future = at::ones({context, context}, at::TensorOptions(device).dtype(at::kBool)).triu(1);
}

}  // namespace tbench
