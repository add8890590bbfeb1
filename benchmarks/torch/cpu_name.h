#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tbench {

// What tells a machine's CPU from others: an x86's "model name", such as "AMD EPYC 9654 96-Core Processor"; of ARM the
// cores' names, such as "Neoverse-V2" or "Cortex-A72 + Cortex-A53", and numbers for a core that the table lacks; else
// the machine's name in its device tree; else nothing. `root` is "/", or a folder with proc/ for a test.
std::optional<std::string> CpuName(const std::filesystem::path& root = "/");

}  // namespace tbench
