#pragma once

#include <c10/core/ScalarType.h>

#include "model/spec/precision.h"

namespace tbench {

inline c10::ScalarType ScalarTypeOf(Element element) {
  switch (element) {
    case Element::kFp32:
      return c10::ScalarType::Float;
    case Element::kBf16:
      return c10::ScalarType::BFloat16;
  }
  return c10::ScalarType::Undefined;
}

// Of weights, activations and gradients.
inline c10::ScalarType ScalarTypeOf(Precision precision) { return ScalarTypeOf(TraitsOf(precision).element); }

// LibTorch's process-wide setting of FP32 GEMMs, as setFloat32MatmulPrecision takes it.
inline const char* MatmulPrecisionOf(Precision precision) {
  return TraitsOf(precision).gemm == GemmMath::kTf32 ? "high" : "highest";
}

}  // namespace tbench
