#include "benchmarks/names/peer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "model/support/input_error.h"

namespace tbench {
namespace {

constexpr std::string_view kImplementationKey = "implementation";

struct Implementation {
  std::string_view name;
  Attention attention;
  Launch launch;
  bool is_strongest = false;
};

constexpr std::array kImplementations{Implementation{"eager", Attention::kNaive, Launch::kEager},
                                      Implementation{"sdpa", Attention::kSdpa, Launch::kEager},
                                      Implementation{"compile", Attention::kSdpa, Launch::kEager},
                                      Implementation{"compile_graph", Attention::kSdpa, Launch::kGraph},
                                      Implementation{"max_autotune", Attention::kSdpa, Launch::kGraph},
                                      Implementation{"whole_graph", Attention::kSdpa, Launch::kGraph, true},
                                      Implementation{"merged_graph", Attention::kSdpa, Launch::kGraph, true}};

// The grid's axes that a peer has too, all that came later among them; the others follow from its implementation.
std::vector<Axis> StepAxes() {
  constexpr std::array<std::string_view, 6> kShared{"model", "context", "pass", "precision", "batch", "warmups"};
  std::vector<Axis> axes;
  std::ranges::copy_if(Axes(), std::back_inserter(axes), [&](const Axis& axis) {
    return axis.is_later() || std::ranges::find(kShared, axis.key) != kShared.end();
  });
  return axes;
}

void SetImplementation(std::string_view name, Peer& peer) {
  const auto* const found = std::ranges::find(kImplementations, name, &Implementation::name);
  if (found == kImplementations.end()) throw UnknownValue(kImplementationKey, name, PeerImplementations());
  peer.implementation = name;
  peer.step.attention = found->attention;
  peer.step.launch = found->launch;
}

}  // namespace

std::vector<std::string> PeerImplementations() {
  std::vector<std::string> names;
  for (const Implementation& implementation : kImplementations) names.emplace_back(implementation.name);
  return names;
}

std::vector<std::string> StrongestPeerImplementations() {
  std::vector<std::string> names;
  for (const Implementation& implementation : kImplementations) {
    if (implementation.is_strongest) names.emplace_back(implementation.name);
  }
  return names;
}

std::string PeerName(const Peer& peer) {
  return fmt::format("{}/{}:{}{}", kPeerFamily, kImplementationKey, peer.implementation,
                     PrintAxes(StepAxes(), peer.step));
}

Peer ParsePeerName(std::string_view name) {
  std::string_view rest = name;
  if (TakeElement(rest) != kPeerFamily) throw InputError(fmt::format("'{}' is not a {} case", name, kPeerFamily));
  Peer peer;
  SetImplementation(TakeValue(name, kImplementationKey, rest), peer);
  TakeAxes(name, StepAxes(), rest, peer.step);
  RequireLibrarySuffix(name, rest);
  return peer;
}

}  // namespace tbench
