#pragma once

namespace tbench {

// How the fused model multiplies matrices. What is not BF16 has FP32 tensors. kFp32x3 is of linear layers alone:
// written attention scores are multiplied in FP32.
enum class Arithmetic { kFp32, kFp32x3, kTf32, kBf16 };

// Bytes of an element of a tensor.
constexpr int ElementBytes(Arithmetic arithmetic) { return arithmetic == Arithmetic::kBf16 ? 2 : 4; }

}  // namespace tbench
