#include "model/spec/precision.h"

namespace tbench {

std::string WhyNotSupported(Precision precision, bool fused, bool on_gpu) {
  const PrecisionTraits& traits = TraitsOf(precision);
  const std::string name = "precision:" + std::string(traits.name);
  if (!traits.composed && !traits.fused) return name + " is not supported yet";
  if (!on_gpu && !traits.cpu) return name + " needs a GPU";
  if (!fused && !traits.composed) return name + " needs kernels:fused";
  if (fused && !traits.fused) return name + " needs kernels:composed";
  return {};
}

}  // namespace tbench
