#include "benchmarks/torch/cpu_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>
#include <vector>

namespace tbench {
namespace {

namespace fs = std::filesystem;

// Fields of an ARM core's main identification register. The numbers are its makers', as Linux lists them in
// arch/arm64/include/asm/cputype.h, the names those of lscpu.
struct ArmCore {
  unsigned implementer;
  unsigned part;
  std::string_view name;
};
constexpr std::array kArmCores{
    ArmCore{0x41, 0xd03, "Cortex-A53"},       ArmCore{0x41, 0xd05, "Cortex-A55"},
    ArmCore{0x41, 0xd07, "Cortex-A57"},       ArmCore{0x41, 0xd08, "Cortex-A72"},
    ArmCore{0x41, 0xd0b, "Cortex-A76"},       ArmCore{0x41, 0xd0c, "Neoverse-N1"},   // AWS Graviton2, Ampere Altra
    ArmCore{0x41, 0xd40, "Neoverse-V1"},                                             // AWS Graviton3
    ArmCore{0x41, 0xd41, "Cortex-A78"},       ArmCore{0x41, 0xd42, "Cortex-A78AE"},  // NVIDIA Orin
    ArmCore{0x41, 0xd49, "Neoverse-N2"},      ArmCore{0x41, 0xd4f, "Neoverse-V2"},   // NVIDIA Grace, AWS Graviton4
    ArmCore{0x41, 0xd83, "Neoverse-V3AE"},    ArmCore{0x41, 0xd84, "Neoverse-V3"},
    ArmCore{0x41, 0xd8e, "Neoverse-N3"},      ArmCore{0x46, 0x001, "A64FX"},
    ArmCore{0x48, 0xd01, "TaiShan-v110"},  // Huawei Kunpeng 920
    ArmCore{0x4e, 0x004, "Carmel"},        // NVIDIA Xavier
    ArmCore{0x61, 0x022, "Icestorm-M1"},      ArmCore{0x61, 0x023, "Firestorm-M1"},
    ArmCore{0x61, 0x032, "Blizzard-M2"},      ArmCore{0x61, 0x033, "Avalanche-M2"},
    ArmCore{0x6d, 0xd49, "Azure-Cobalt-100"}, ArmCore{0xc0, 0xac3, "Ampere-1"},
    ArmCore{0xc0, 0xac4, "Ampere-1a"}};

std::string NameOfArmCore(unsigned implementer, unsigned part) {
  const auto found = std::ranges::find_if(
      kArmCores, [=](const ArmCore& core) { return core.implementer == implementer && core.part == part; });
  return found != kArmCores.end() ? std::string(found->name)
                                  : fmt::format("ARM implementer {:#04x} part {:#05x}", implementer, part);
}

// The value of a line "key<blanks>: value", if it is of that key.
std::optional<std::string> ValueOf(std::string_view key, const std::string& line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos || !line.starts_with(key)) return std::nullopt;
  if (line.find_first_not_of(" \t", key.size()) != colon) return std::nullopt;
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  return begin == std::string::npos ? std::string() : line.substr(begin, line.find_last_not_of(" \t") + 1 - begin);
}

unsigned Number(const std::string& text) { return unsigned(std::strtoul(text.c_str(), nullptr, 0)); }

std::optional<std::string> NameInCpuinfo(const fs::path& file) {
  std::ifstream cpuinfo(file);
  unsigned implementer = 0;
  std::vector<std::string> cores;  // each kind once: some machines have large and small ones
  for (std::string line; std::getline(cpuinfo, line);) {
    if (auto name = ValueOf("model name", line); name && !name->empty()) return name;
    if (const auto value = ValueOf("CPU implementer", line)) implementer = Number(*value);
    if (const auto value = ValueOf("CPU part", line)) {
      std::string core = NameOfArmCore(implementer, Number(*value));
      if (std::ranges::find(cores, core) == cores.end()) cores.push_back(std::move(core));
    }
  }
  if (cores.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(cores, " + "));
}

}  // namespace

std::optional<std::string> CpuName(const fs::path& root) {
  if (auto name = NameInCpuinfo(root / "proc/cpuinfo")) return name;
  std::string machine;
  std::getline(std::ifstream(root / "proc/device-tree/model"), machine, '\0');
  return machine.empty() ? std::nullopt : std::optional(machine);
}

}  // namespace tbench
