#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "benchmarks/harness/step.h"
#include "benchmarks/names/case.h"
#include "model/composed/batch.h"
#include "model/composed/optimizer.h"
#include "model/composed/transformer.h"
#include "model/spec/config.h"

namespace tbench {

// The eager step on LibTorch, on the current stream of `device`. Weights and tokens depend on the model, the batch, the
// context, the seed and the kind of device alone.
class TorchStep final : public CapturableStep {
 public:
  // `c` is of composed kernels and eager; NotSupported if no attention backend takes it. Sets LibTorch's
  // process-wide precision of GEMMs and, for `sdpa`, its attention backend.
  TorchStep(const Case& c, const ModelConfig& config, const torch::Device& device, std::uint64_t seed);

  void Run(PhaseMarks& marks) override;
  void Reset() override;
  double Loss() override;
  std::string Label() const override;

  // For tests that compare with a reference.
  Transformer& model() { return *model_; }
  const Batch& batch() const { return batch_; }
  const AdamW* optimizer() const { return optimizer_ ? &*optimizer_ : nullptr; }

 private:
  PassTraits pass_;
  std::uint64_t seed_;
  std::string attention_backend_;  // empty for `naive`
  std::shared_ptr<Transformer> model_;
  std::vector<torch::Tensor> parameters_;
  Batch batch_;
  std::optional<AdamW> optimizer_;
  torch::Tensor loss_;  // of the last Run, without its graph
};

}  // namespace tbench
