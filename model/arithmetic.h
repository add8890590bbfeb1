#pragma once

namespace tbench {

// How the fused model multiplies matrices. What is not BF16 has FP32 tensors.
enum class Arithmetic { kFp32, kTf32, kBf16 };

}  // namespace tbench
