#include "benchmarks/torch/gpu_uuid.h"

#include <fmt/format.h>

namespace tbench {

std::string GpuUuid(std::span<const unsigned char, 16> bytes, std::string_view gpu_name) {
  std::string uuid = gpu_name.find(" MIG ") == std::string_view::npos ? "GPU" : "MIG";
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const bool begins_group = i == 0 || i == 4 || i == 6 || i == 8 || i == 10;
    uuid += fmt::format("{}{:02x}", begins_group ? "-" : "", bytes[i]);
  }
  return uuid;
}

}  // namespace tbench
