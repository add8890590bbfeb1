#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/benchmarks/harness/program_output.h"

// The real tbench_sweep with the fake benchmark program, in a directory of its own.
namespace tbench {

// A program that runs beside the test, its output in a file. Killed if it is still there at the end.
class Background {
 public:
  // `shell_words` is what a shell would run: "VARIABLE=x program arguments".
  Background(const std::string& shell_words, const std::string& output_file);
  ~Background();
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  void Signal(int signal) const;
  // The exit code, 128 + the signal if one ended it.
  int Wait();

 private:
  pid_t pid_;
};

// Looks every millisecond; false if it is not so after a long while.
bool Eventually(const std::function<bool()>& is_so);

class SweepTest : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  // "ENVIRONMENT tbench_sweep -o RUN ARGUMENTS", with the fake benchmark program unless they name another.
  std::string Words(const std::string& arguments, const std::string& environment = "") const;
  ProgramOutput Sweep(const std::string& arguments, const std::string& environment = "") const;

  nlohmann::json Run() const { return RunAt(run_); }
  static nlohmann::json RunAt(const std::filesystem::path& directory);
  // "context:8 trial 0", "context:16 crashed: …": the trials of a run in its order, an errored one by its message.
  static std::vector<std::string> Trials(const nlohmann::json& run);
  // Cases that have ended.
  std::size_t CaseFiles() const;
  // Processes that measure for this test's runs.
  std::vector<pid_t> Children() const;

  std::filesystem::path directory_;  // of the test
  std::filesystem::path run_;        // in it; does not exist at first
};

// A grid of one case for each context.
inline const std::string kThreeCases = " --models tiny --contexts 8,16,32 --passes forward --warmups 1 --trials 3";

}  // namespace tbench
