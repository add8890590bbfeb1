#pragma once

#include <filesystem>
#include <optional>

namespace tbench {

// A device file of `dev`, /dev, which says that this machine or container was given an NVIDIA GPU, whether or not CUDA
// can use it: of the driver (nvidiactl, nvidia0, nvidia3, …), or of WSL 2 (dxg). Nothing where there is none.
std::optional<std::filesystem::path> GpuDeviceFile(const std::filesystem::path& dev);

}  // namespace tbench
