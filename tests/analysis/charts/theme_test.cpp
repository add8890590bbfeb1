#include "analysis/charts/theme.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <string>

namespace tbench {
namespace {

// WCAG 2.2, "relative luminance" and "contrast ratio".
double Luminance(std::string_view color) {
  const auto channel = [&](std::size_t at) {
    const double value = double(std::stoi(std::string(color.substr(at, 2)), nullptr, 16)) / 255;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

double Contrast(std::string_view a, std::string_view b) {
  const double x = Luminance(a), y = Luminance(b);
  return (std::max(x, y) + 0.05) / (std::min(x, y) + 0.05);
}

TEST(Theme, HasReadableTextInEveryInkOnItsGround) {
  for (const auto& [ink, light, dark] : Inks()) {
    if (ink == Ink::kGround || ink == Ink::kGrid || ink == Ink::kIdle) continue;  // no text in these
    EXPECT_GE(Contrast(light, LightColor(Ink::kGround)), 4.5) << light;
    EXPECT_GE(Contrast(dark, DarkColor(Ink::kGround)), 4.5) << dark;
  }
}

TEST(Theme, HasADifferentLightColourForEachInk) {
  std::set<std::string_view> colors;
  for (const InkColors& ink : Inks()) colors.insert(ink.light);
  EXPECT_EQ(colors.size(), Inks().size());
}

}  // namespace
}  // namespace tbench
