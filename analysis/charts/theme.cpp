#include "analysis/charts/theme.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace tbench {
namespace {

constexpr std::array kInks{
    InkColors{Ink::kGround, "#ffffff", "#161a20"}, InkColors{Ink::kText, "#1f2328", "#e6e9ee"},
    InkColors{Ink::kMuted, "#57606a", "#a3adb8"},  InkColors{Ink::kGrid, "#dfe3e8", "#2f363f"},
    InkColors{Ink::kIdle, "#c9d0d8", "#454e59"},   InkColors{Ink::kBlue, "#0064a8", "#5db2ee"},
    InkColors{Ink::kOrange, "#b34700", "#f59a52"}, InkColors{Ink::kGreen, "#007a5a", "#3fc79a"},
    InkColors{Ink::kPink, "#a8327a", "#ea8fc4"},   InkColors{Ink::kGold, "#7d6200", "#e3c444"},
    InkColors{Ink::kViolet, "#6a45b8", "#b79bf5"}, InkColors{Ink::kRed, "#b3261e", "#ff8a80"},
    InkColors{Ink::kTeal, "#00717f", "#4fc4d3"},
};

constexpr bool InOrder() {
  for (std::size_t i = 0; i < kInks.size(); ++i) {
    if (kInks[i].ink != Ink(i)) return false;
  }
  return true;
}
static_assert(InOrder());

}  // namespace

std::span<const InkColors> Inks() { return kInks; }

std::string_view LightColor(Ink ink) { return kInks[std::size_t(ink)].light; }
std::string_view DarkColor(Ink ink) { return kInks[std::size_t(ink)].dark; }

std::string InTheDark(std::string_view rules) {
  return fmt::format("@media screen and (prefers-color-scheme:dark){{{}}}", rules);
}

}  // namespace tbench
