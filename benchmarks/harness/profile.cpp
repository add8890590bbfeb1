#include "benchmarks/harness/profile.h"

#include <algorithm>

namespace tbench {
StepProfile Summarize(std::vector<GpuActivity> activities) {
  StepProfile profile;
  if (activities.empty()) return profile;
  std::ranges::sort(activities, {}, &GpuActivity::start);
  Microseconds covered_to = activities.front().start;
  for (const GpuActivity& activity : activities) {
    ++profile.kernels;
    profile.by_class[std::size_t(ClassOf(activity.name))] += activity.end - activity.start;
    if (activity.end <= covered_to) continue;
    profile.busy += activity.end - std::max(activity.start, covered_to);
    covered_to = activity.end;
  }
  profile.span = covered_to - activities.front().start;
  return profile;
}

}  // namespace tbench
