#include "analysis/verdicts/variant_axes.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tbench {

const std::vector<Axis>& FurtherAxes() {
  constexpr std::array<std::string_view, 5> kPublished{"model", "context", "pass", "batch", "warmups"};
  // Made once: it is walked for each case that is compared with another.
  static const std::vector<Axis> kFurther = [&] {
    std::vector<Axis> further;
    std::ranges::copy_if(Axes(), std::back_inserter(further),
                         [&](const Axis& axis) { return std::ranges::find(kPublished, axis.key) == kPublished.end(); });
    return further;
  }();
  return kFurther;
}

std::vector<AxisValue> FurtherValues(const Case& c) {
  std::vector<AxisValue> values;
  for (const Axis& axis : FurtherAxes()) values.push_back(ValueOf(axis, c));
  return values;
}

}  // namespace tbench
