#pragma once

#include "benchmarks/names/case.h"
#include "model/spec/config.h"

namespace c10 {
struct Device;
}

namespace tbench {

// What computes a case's attention that is not naive: the backend of scaled_dot_product_attention, or kShort, that it
// names, else the fastest of those that can run it and are exact enough. On a GPU the case's passes are timed on its
// shape, with RoPE, and some queries of a head are compared with FP64; a backend that fails there is left out; on a CPU
// flash comes before math. NotSupported where none fits.
Attention ChooseAttentionBackend(const Case& c, const ModelConfig& config, const c10::Device& device);

// Leaves LibTorch's scaled_dot_product_attention that backend alone. A process-wide setting.
void AllowOnly(Attention backend);

}  // namespace tbench
