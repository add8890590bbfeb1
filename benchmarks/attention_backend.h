#pragma once

#include <string>

#include "benchmarks/case.h"
#include "model/config.h"

namespace c10 {
struct Device;
}

namespace tbench {

// Leaves scaled_dot_product_attention exactly one backend, the first that can run this case forward and backward, and
// returns its name: "cudnn", "flash", "efficient" or "math". In order of preference: BF16 on a GPU cudnn, flash,
// efficient; FP32 efficient; on a CPU flash; math last everywhere. A process-wide setting of LibTorch.
std::string ForceAttentionBackend(const Case& c, const ModelConfig& config, const c10::Device& device);

}  // namespace tbench
