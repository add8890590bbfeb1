#include "benchmarks/bench_main.h"
#include "benchmarks/program.h"
#include "benchmarks/torch_device.h"

int main(int argc, char** argv) {
  return tbench::RunProgram("transformer_bench",
                            [&] { return tbench::BenchMain(tbench::OpenTorchDevice, argc, argv); });
}
