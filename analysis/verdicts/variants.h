#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/verdicts/judged_case.h"

namespace tbench {

// One way to do a step: a precision, an attention, kernels and a launch, or a precision and another implementation.
struct Variant {
  std::string name;  // "bf16 sdpa fused graph", "bf16 PyTorch compile_graph"
  JudgedCase judged;
  // Of the median, over the step's first variant that did not fail; 1 for that one.
  std::optional<double> speed_up;
  // Over the fastest peer of its precision, which for fp32x3 is fp32's: as accurate. Nothing for a peer.
  std::optional<double> over_peer;
};

// Ways to do one step: model, context, pass and batch are alike. By precision, in each precision peers last, then by
// attention, kernels and launch, all in the order of their values: the published table's variant comes first.
using Variants = std::vector<Variant>;

// The steps that are done in more than one way, or by a peer; by model from small to large, context, pass and batch.
// Each variant is the case with the most warm-ups; a failed one only where none is good.
std::vector<Variants> SideBySide(const std::vector<JudgedCase>& cases, const std::vector<JudgedCase>& peers);

// What to know of the peers before quoting a ratio over them, each a sentence: one that is slower than `eager` in the
// same precision, by more than kPeerTolerance; and, where `strongest_runs_here`, which is on a GPU, that not all of
// StrongestPeerImplementations were measured beside steps that have peers.
std::vector<std::string> PeerRemarks(const std::vector<Variants>& steps, bool strongest_runs_here);

}  // namespace tbench
