#pragma once

#include <array>
#include <string>
#include <string_view>

#include "model/spec/named_rows.h"

// What `pass` means: what one step does.
namespace tbench {

enum class Pass { kForward, kForwardBackward, kTrainStep };

struct PassTraits {
  Pass id;
  std::string_view name;
  bool autograd;   // composed kernels: autograd records, whether or not there is a backward pass
  bool backward;   // gradients of all parameters are computed
  bool optimizer;  // AdamW steps the parameters
};

inline constexpr std::array kPasses{
    PassTraits{.id = Pass::kForward, .name = "forward", .autograd = true, .backward = false, .optimizer = false},
    PassTraits{.id = Pass::kForwardBackward,
               .name = "forward_backward",
               .autograd = true,
               .backward = true,
               .optimizer = false},
    PassTraits{.id = Pass::kTrainStep, .name = "train_step", .autograd = true, .backward = true, .optimizer = true},
};
static_assert(AreInOrder(kPasses));

constexpr const PassTraits& TraitsOf(Pass pass) { return RowOf(kPasses, pass); }

inline std::string NameOf(Pass pass) { return std::string(TraitsOf(pass).name); }

}  // namespace tbench
