#include "benchmarks/torch/device_files.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <system_error>

namespace tbench {
namespace {

// A container has the numbers that it was given, not all from 0.
bool IsOfAGpu(std::string_view name) {
  if (name == "nvidiactl" || name == "dxg") return true;
  constexpr std::string_view kNumbered = "nvidia";
  return name.starts_with(kNumbered) && name.size() > kNumbered.size() &&
         std::ranges::all_of(name.substr(kNumbered.size()), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<std::filesystem::path> GpuDeviceFile(const std::filesystem::path& dev) {
  std::optional<std::filesystem::path> first;  // by name: folders have no order
  std::error_code error;
  for (std::filesystem::directory_iterator file(dev, error), end; !error && file != end; file.increment(error)) {
    if (IsOfAGpu(file->path().filename().string()) && (!first || file->path() < *first)) first = file->path();
  }
  return first;
}

}  // namespace tbench
