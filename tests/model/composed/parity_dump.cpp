// Runs the C++ step on `tiny` and writes everything that the Python reference recomputes, for parity_test.py:
//   parity_dump FILE fp32|tf32|bf16 naive|sdpa cpu|cuda

#include <torch/serialize.h>

#include <fstream>
#include <iostream>

#include "benchmarks/torch/composed_step.h"

namespace tbench {
namespace {

using Tensors = c10::Dict<std::string, torch::Tensor>;

constexpr std::uint64_t kSeed = 11;
constexpr int kSteps = 3;

void Insert(Tensors& tensors, const std::string& key, const torch::Tensor& value) {
  tensors.insert(key, value.detach().cpu().clone());
}

void InsertParameters(Tensors& tensors, const std::string& group, Transformer& model) {
  for (const auto& p : model.named_parameters()) Insert(tensors, group + "/" + p.key(), p.value());
}

int Dump(const std::string& file, const std::string& precision, const std::string& attention,
         const std::string& device) {
  Case c = ParseCaseName("transformer_step/model:tiny/context:128/pass:train_step/precision:" + precision +
                         "/attention:" + attention + "/kernels:composed/launch:eager/batch:4/warmups:0");
  const ModelConfig m = ModelTable().Find(c.model);
  TorchStep step(c, m, torch::Device(device), kSeed);

  Tensors tensors;
  Insert(tensors, "config", torch::tensor({m.vocab, m.d_model, m.d_ff, m.layers, m.heads}));
  const Batch& batch = step.batch();
  Insert(tensors, "tokens", torch::cat({batch.inputs, batch.targets.slice(1, -1)}, 1));
  InsertParameters(tensors, "weights", step.model());

  const torch::Tensor logits = step.model().Forward(batch.inputs);
  const torch::Tensor loss = CrossEntropy(logits, batch.targets);
  loss.backward();
  Insert(tensors, "logits", logits);
  Insert(tensors, "loss", loss);
  for (const auto& p : step.model().named_parameters()) {
    Insert(tensors, "gradients/" + p.key(), p.value().grad());
    p.value().mutable_grad().reset();
  }

  NoMarks marks;
  for (int i = 0; i < kSteps; ++i) step.Run(marks);
  InsertParameters(tensors, "stepped", step.model());
  if (c.precision == Precision::kBf16) {
    const auto masters = step.optimizer()->masters();
    std::size_t i = 0;
    for (const auto& p : step.model().named_parameters()) Insert(tensors, "masters/" + p.key(), masters[i++]);
  }

  const std::vector<char> bytes = torch::pickle_save(tensors);
  std::ofstream(file, std::ios::binary).write(bytes.data(), std::streamsize(bytes.size()));
  return 0;
}

}  // namespace
}  // namespace tbench

int main(int argc, char** argv) {
  if (argc != 5) {
    std::cerr << "usage: parity_dump FILE fp32|tf32|bf16 naive|sdpa cpu|cuda\n";
    return 2;
  }
  return tbench::Dump(argv[1], argv[2], argv[3], argv[4]);
}
