// transformer_bench with a step that computes nothing and fails on demand. The environment tells what to fake:
//   TBENCH_FAKE_FAULTS   see ParseFaults
//   TBENCH_FAKE_STEP_US  how long a step sleeps
//   TBENCH_FAKE_TIME_US  what it says that the first trial took, each later one 0.1 % more
//   TBENCH_FAKE_CPU      cpu_name in the context: another machine
//   TBENCH_FAKE_CUDNN    cudnn_version in the context: other software
//   TBENCH_FAKE_UUID     gpu_uuid in the context: another GPU of one kind
//   TBENCH_FAKE_GPU      it is a GPU, with one matrix product a step

#include <cstdlib>
#include <string>

#include "benchmarks/harness/bench_main.h"
#include "model/support/program.h"
#include "tests/benchmarks/harness/fake_device.h"

namespace {

std::string FromEnvironment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

std::string JsonPath(int argc, char** argv) {
  const std::string flag = "--benchmark_out=";
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]).starts_with(flag)) return std::string(argv[i]).substr(flag.size());
  }
  return "/dev/null";
}

}  // namespace

int main(int argc, char** argv) {
  static tbench::FakeLog log;
  return tbench::RunProgram("fake_transformer_bench", [&] {
    tbench::FakeOptions options;
    options.faults = tbench::ParseFaults(FromEnvironment("TBENCH_FAKE_FAULTS", ""));
    options.step_us = std::stod(FromEnvironment("TBENCH_FAKE_STEP_US", "0"));
    options.time_us = std::stod(FromEnvironment("TBENCH_FAKE_TIME_US", "0"));
    options.json_path = JsonPath(argc, argv);
    options.gpu = std::getenv("TBENCH_FAKE_GPU") != nullptr;
    if (options.gpu) options.activities = {{.name = "gemm", .start = {}, .end = std::chrono::milliseconds(1)}};
    options.context = {{"device", options.gpu ? "cuda" : "cpu"},
                       {"cpu_name", FromEnvironment("TBENCH_FAKE_CPU", "a fake")},
                       {"threads", "1"},
                       {"cudnn_version", FromEnvironment("TBENCH_FAKE_CUDNN", "91900")}};
    if (const char* uuid = std::getenv("TBENCH_FAKE_UUID")) options.context["gpu_uuid"] = uuid;
    const auto open = [&](const tbench::BenchFlags&) { return tbench::MakeFakeDevice(options, log); };
    return tbench::BenchMain(open, argc, argv);
  });
}
