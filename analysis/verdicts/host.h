#pragma once

#include <optional>
#include <string>

#include "analysis/read/record.h"
#include "analysis/verdicts/machine.h"

namespace tbench {

struct HostVerdict {
  std::optional<double> threads;  // that computed
  std::optional<double> waiting;  // of the process's threads, those that were ready and had no core: on average
  std::optional<double> stolen;   // cores that the hypervisor gave to others: on average
  bool contended;
  std::string sentence;  // why; empty if it was not
};

// Whether others had the host's cores while a case was measured: it had fewer threads than its run may use, since no
// more cores were free; its threads waited for cores, or a hypervisor took cores away, a tenth of one on average; or,
// where the kernel counts no waiting, its threads lost their cores a hundred times a second, and ten times each.
// Nothing for a failed case and where none of it was counted.
std::optional<HostVerdict> Host(const Record& record, const Machine& machine);

}  // namespace tbench
