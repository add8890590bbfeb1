#include "analysis/verdicts/variant_axes.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace tbench {

std::vector<Axis> FurtherAxes() {
  constexpr std::array<std::string_view, 5> kPublished{"model", "context", "pass", "batch", "warmups"};
  std::vector<Axis> further;
  std::ranges::copy_if(Axes(), std::back_inserter(further),
                       [&](const Axis& axis) { return std::ranges::find(kPublished, axis.key) == kPublished.end(); });
  return further;
}

std::vector<std::ptrdiff_t> FurtherPlaces(const Case& c) {
  std::vector<std::ptrdiff_t> places;
  for (const Axis& axis : FurtherAxes()) {
    places.push_back(std::ranges::find(axis.values, axis.print(c)) - axis.values.begin());
  }
  return places;
}

}  // namespace tbench
