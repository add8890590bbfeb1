#pragma once

#include <span>
#include <string>
#include <string_view>

namespace tbench {

// The identifier of one GPU in the world as nvidia-smi -L spells it, of the 16 bytes that CUDA tells:
// "GPU-" or, of a slice that MIG cut from one, "MIG-", and hexadecimal digits. CUDA's names of slices contain "MIG".
std::string GpuUuid(std::span<const unsigned char, 16> bytes, std::string_view gpu_name);

}  // namespace tbench
