#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/spec/named_rows.h"

// What `attention` means: what computes softmax(qkᵀ/√k)·v.
namespace tbench {

// kSdpa leaves the choice among those below it to the program, which names it in the row's label.
enum class Attention { kNaive, kSdpa, kCudnn, kFlash, kEfficient, kShort, kMath };

struct AttentionTraits {
  Attention id;
  std::string_view name;
  bool is_axis_value;    // a user may ask for it
  bool is_sdpa;          // it is scaled_dot_product_attention, or stands in for it
  bool materializes;     // the [B,h,T,T] scores are in memory
  bool composed, fused;  // LibTorch's operators, this project's kernels have it
};

inline constexpr std::array kAttentions{
    AttentionTraits{.id = Attention::kNaive,  // softmax as an operator of its own
                    .name = "naive",
                    .is_axis_value = true,
                    .is_sdpa = false,
                    .materializes = true,
                    .composed = true,
                    .fused = true},
    AttentionTraits{.id = Attention::kSdpa,
                    .name = "sdpa",
                    .is_axis_value = true,
                    .is_sdpa = true,
                    .materializes = false,
                    .composed = true,
                    .fused = true},
    AttentionTraits{.id = Attention::kCudnn,
                    .name = "cudnn",
                    .is_axis_value = true,
                    .is_sdpa = true,
                    .materializes = false,
                    .composed = true,
                    .fused = true},
    AttentionTraits{.id = Attention::kFlash,
                    .name = "flash",
                    .is_axis_value = true,
                    .is_sdpa = true,
                    .materializes = false,
                    .composed = true,
                    .fused = true},
    AttentionTraits{.id = Attention::kEfficient,
                    .name = "efficient",
                    .is_axis_value = true,
                    .is_sdpa = true,
                    .materializes = false,
                    .composed = true,
                    .fused = true},
    AttentionTraits{.id = Attention::kShort,  // this project's own, for short contexts
                    .name = "short",
                    .is_axis_value = true,
                    .is_sdpa = true,
                    .materializes = false,
                    .composed = false,
                    .fused = true},
    AttentionTraits{.id = Attention::kMath,  // what scaled_dot_product_attention falls back to
                    .name = "math",
                    .is_axis_value = false,
                    .is_sdpa = true,
                    .materializes = true,
                    .composed = true,
                    .fused = false},
};
static_assert(AreInOrder(kAttentions));

constexpr const AttentionTraits& TraitsOf(Attention attention) { return RowOf(kAttentions, attention); }

inline std::string NameOf(Attention attention) { return std::string(TraitsOf(attention).name); }

}  // namespace tbench
