#pragma once

#include <optional>

namespace tbench {

// What a case met on the host, from before its first trial to after its last one. In µs; absent is what the kernel does
// not tell.
struct HostUsage {
  double wall_us = 0;
  std::optional<double> waited_us;    // this process's threads were ready and had no core; summed over them
  std::optional<double> stolen_us;    // a hypervisor gave cores that the process may run on to others; summed over them
  std::optional<double> preemptions;  // times that a thread of this process lost its core to another's
};

}  // namespace tbench
