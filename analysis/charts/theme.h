#pragma once

#include <span>
#include <string>
#include <string_view>

// The colours of charts and pages. Hues stay apart for colour-blind readers (after Okabe & Ito, "Color Universal
// Design", 2008), darkened for a light ground and lightened for a dark one: text in any of them has a contrast of at
// least 4.5 on its ground.
namespace tbench {

enum class Ink {
  kGround,  // behind everything
  kText,
  kMuted,  // text of the second rank
  kGrid,
  kIdle,  // what nothing happens in
  kBlue,
  kOrange,
  kGreen,
  kPink,
  kGold,
  kViolet,
  kRed,
  kTeal,
};

struct InkColors {
  Ink ink;
  std::string_view light, dark;  // "#rrggbb"; no two inks share a light colour
};

// In the order of the enumeration.
std::span<const InkColors> Inks();

std::string_view LightColor(Ink ink);
std::string_view DarkColor(Ink ink);

// What holds where the reader prefers dark, but not on paper.
std::string InTheDark(std::string_view rules);

}  // namespace tbench
