#include "benchmarks/torch/device_files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace tbench {
namespace {

class DeviceFiles : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(dev_); }
  void TearDown() override { std::filesystem::remove_all(dev_); }
  void Make(const std::string& name) const { std::ofstream(dev_ / name) << ""; }

  const std::filesystem::path dev_ =
      std::filesystem::path(testing::TempDir()) / ("device_files_test." + std::to_string(getpid()));
};

TEST_F(DeviceFiles, TellOfAGpuWhateverItsNumber) {
  for (const char* name : {"nvidia0", "nvidia3", "nvidia12", "nvidiactl", "dxg"}) {
    Make(name);
    EXPECT_EQ(GpuDeviceFile(dev_), dev_ / name);
    std::filesystem::remove(dev_ / name);
  }
}

TEST_F(DeviceFiles, OfSeveralIsTheFirstByName) {
  for (const char* name : {"nvidia5", "nvidia3", "nvidiactl", "nvidia7"}) Make(name);
  EXPECT_EQ(GpuDeviceFile(dev_), dev_ / "nvidia3");
}

TEST_F(DeviceFiles, OfOtherNamesTellNothing) {
  for (const char* name : {"null", "nvidia", "nvidia-uvm", "nvidia-modeset", "nvidia0x", "nvme0", "dxgi"}) Make(name);
  EXPECT_EQ(GpuDeviceFile(dev_), std::nullopt);
  EXPECT_EQ(GpuDeviceFile(dev_ / "missing"), std::nullopt);
}

}  // namespace
}  // namespace tbench
