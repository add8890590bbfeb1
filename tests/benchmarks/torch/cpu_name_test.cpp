#include "benchmarks/torch/cpu_name.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace tbench {
namespace {

namespace fs = std::filesystem;

class CpuNames : public testing::Test {
 protected:
  void TearDown() override { fs::remove_all(root_); }
  void Write(const std::string& file, const std::string& text) const {
    fs::create_directories((root_ / file).parent_path());
    std::ofstream(root_ / file) << text;
  }
  // A machine whose cores have these fields of the identification register.
  std::optional<std::string> NameOfArm(std::initializer_list<std::pair<const char*, const char*>> cores) const {
    std::string text;
    for (const auto& [implementer, part] : cores) {
      text += "processor\t: 0\nBogoMIPS\t: 100.00\nCPU implementer\t: " + std::string(implementer) +
              "\nCPU architecture: 8\nCPU variant\t: 0x1\nCPU part\t: " + part + "\nCPU revision\t: 1\n\n";
    }
    Write("proc/cpuinfo", text);
    return CpuName(root_);
  }

  const fs::path root_ = fs::path(testing::TempDir()) / ("cpu_name_test." + std::to_string(getpid()));
};

TEST_F(CpuNames, AreTheModelNamesOfX86) {
  Write("proc/cpuinfo",
        "processor\t: 0\nmodel\t\t: 1\nmodel names\t: x\nmodel name\t: AMD EPYC 9654 96-Core Processor\nflags\t: a\n");
  EXPECT_EQ(CpuName(root_), "AMD EPYC 9654 96-Core Processor");
}

TEST_F(CpuNames, OfArmAreThoseOfItsCores) {
  EXPECT_EQ(NameOfArm({{"0x41", "0xd0c"}, {"0x41", "0xd0c"}}), "Neoverse-N1");
  EXPECT_EQ(NameOfArm({{"0x41", "0xd4f"}}), "Neoverse-V2");
  EXPECT_EQ(NameOfArm({{"0xc0", "0xac3"}}), "Ampere-1");
  EXPECT_EQ(NameOfArm({{"0x41", "0xd08"}, {"0x41", "0xd03"}, {"0x41", "0xd08"}}), "Cortex-A72 + Cortex-A53");
}

TEST_F(CpuNames, OfUnknownArmCoresTellThemApart) {
  EXPECT_EQ(NameOfArm({{"0x41", "0x001"}}), "ARM implementer 0x41 part 0x001");
  EXPECT_EQ(NameOfArm({{"0x61", "0xd4f"}}), "ARM implementer 0x61 part 0xd4f");
}

TEST_F(CpuNames, ElseAreTheMachines) {
  Write("proc/cpuinfo", "processor\t: 0\nmodel name\t:\nisa\t: rv64imafdc\n");
  EXPECT_EQ(CpuName(root_), std::nullopt);
  Write("proc/device-tree/model", std::string("StarFive VisionFive 2\0", 22));
  EXPECT_EQ(CpuName(root_), "StarFive VisionFive 2");
}

TEST_F(CpuNames, AreAbsentWhereNothingTells) { EXPECT_EQ(CpuName(root_), std::nullopt); }

}  // namespace
}  // namespace tbench
