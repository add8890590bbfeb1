#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/names/case.h"

// The same step by another implementation, which measures itself: the family `peer`. benchmarks/peers writes its rows.
namespace tbench {

inline constexpr std::string_view kPeerFamily = "peer";

struct Peer {
  std::string implementation;  // one of PeerImplementations()
  Case step;                   // its attention and launch are the implementation's, its kernels are composed

  bool operator==(const Peer&) const = default;
};

// Ways to do the step in PyTorch:
//   eager          operators one by one, attention's scores written out
//   sdpa           the same with scaled_dot_product_attention, as all that follow
//   compile        torch.compile
//   compile_graph  torch.compile, mode "reduce-overhead": with CUDA graphs
//   max_autotune   torch.compile, mode "max-autotune": with CUDA graphs and tuned GEMMs
//   whole_graph    model and loss by torch.compile, and the whole step, gradients included, in one CUDA graph
//   merged_graph   the same with one GEMM for q, k and v and one for w1 and w3
std::vector<std::string> PeerImplementations();

// Those to compare with: one of them was the fastest wherever all were measured (analysis/results/h200-modern).
std::vector<std::string> StrongestPeerImplementations();

// "peer/implementation:compile_graph/model:small/context:128/pass:forward/precision:bf16/batch:4/warmups:5", then axes
// that came later, where they are not absent.
std::string PeerName(const Peer& peer);

// The inverse of PeerName; what Google Benchmark appends is dropped. InputError for any other name.
Peer ParsePeerName(std::string_view name);

}  // namespace tbench
