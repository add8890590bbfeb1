#include "benchmarks/harness/bench_main.h"
#include "benchmarks/torch/device.h"
#include "model/support/program.h"

int main(int argc, char** argv) {
  return tbench::RunProgram("transformer_bench",
                            [&] { return tbench::BenchMain(tbench::OpenTorchDevice, argc, argv); });
}
