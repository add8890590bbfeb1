#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "benchmarks/harness/step.h"
#include "benchmarks/names/case.h"
#include "model/fused/fused_transformer.h"
#include "model/spec/config.h"

namespace tbench {

// The step of fused kernels, on the current stream of a GPU; weights and tokens are TorchStep's. Its gradients are
// buffers that every step writes anew: there is nothing to set to none.
class FusedStep final : public CapturableStep {
 public:
  // NotSupported for a model or case that the fused kernels cannot run.
  FusedStep(const Case& c, const ModelConfig& config, const at::Device& device, std::uint64_t seed);

  void Run(PhaseMarks& marks) override;
  void Reset() override;
  double Loss() override;
  std::string Label() const override;

  // For tests that compare with the composed step.
  FusedTransformer& model() { return *model_; }
  const Batch& batch() const { return batch_; }

 private:
  PassTraits pass_;
  std::uint64_t seed_;
  std::string attention_backend_;  // empty for `naive`
  std::unique_ptr<FusedTransformer> model_;
  Batch batch_;
};

}  // namespace tbench
