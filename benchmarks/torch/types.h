#pragma once

#include <c10/core/ScalarType.h>

#include "benchmarks/names/case.h"

namespace tbench {

// The type of weights, activations and gradients. tf32 and fp32x3 are ways to multiply FP32 numbers.
inline c10::ScalarType ScalarTypeOf(Precision precision) {
  return precision == Precision::kBf16 ? c10::ScalarType::BFloat16 : c10::ScalarType::Float;
}

}  // namespace tbench
