#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmarks/harness/device.h"

namespace tbench {

// What a case does wrong, and when. `when` is "setup", "warmupN" or "trialN".
struct Fault {
  std::string kind;  // throw, say WORDS, unknown (no std::exception), oom, lost (the device too), unsupported, nan,
                     // sigkill, exit, hang, half_json
  std::string when;
};

// "SUBSTRING=KIND@WHEN;…": a case whose name contains SUBSTRING has that fault. Throws std::invalid_argument.
std::map<std::string, Fault> ParseFaults(const std::string& text);

// What the fake did, for a test to look at.
struct FakeLog {
  std::vector<std::string> events;  // "build NAME", "free NAME", "clean up"
  std::map<std::string, std::int64_t> steps;
  int alive = 0;
  int most_alive = 0;
};

// A device whose step sleeps for `step_us` and computes nothing. `json_path` is where half_json writes half a file.
struct FakeOptions {
  std::map<std::string, Fault> faults;
  double step_us = 0;
  double time_us = 0;  // what the first trial is said to have taken; 0: what it took
  bool gpu = false;
  std::string json_path;
  std::map<std::string, std::string> context;
  GpuState state;  // at any moment
  std::optional<int> cpu_threads;
  std::vector<GpuActivity> activities;  // of a profiled step
};

std::unique_ptr<Device> MakeFakeDevice(const FakeOptions& options, FakeLog& log);

}  // namespace tbench
