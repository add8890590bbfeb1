#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/composed/batch.h"
#include "model/composed/weights.h"
#include "model/spec/attention.h"
#include "model/spec/config.h"
#include "model/spec/precision.h"

// The Transformer of composed/transformer.h with its backward pass and AdamW written out, on one GPU: fused kernels,
// cuBLASLt's GEMMs, buffers that are made once. No autograd, no allocation but attention's.
namespace tbench {

// Where something elementwise is computed: in a kernel of its own, or in the epilogue of the GEMM before it, which
// there is for BF16 on Hopper.
enum class Fusion { kApart, kInEpilogue };

struct FusedOptions {
  ModelConfig config;
  std::int64_t batch, context;
  Precision precision;
  Attention attention;
  bool trains;  // makes AdamW's state
  at::Device device;
  std::optional<Fusion> fusion = {};  // of all that can be either; empty: by timing
};

class FusedTransformer {
 public:
  virtual ~FusedTransformer() = default;

  // Views into one array, in the order, with the names and the shapes of Transformer::named_parameters. Uninitialized
  // until written.
  virtual std::vector<NamedTensor> Parameters() const = 0;
  // The gradients of the last Backward, likewise.
  virtual std::vector<NamedTensor> Gradients() const = 0;
  // FP32 weights: those of AdamW for BF16, else the parameters. Empty unless it trains.
  virtual std::vector<NamedTensor> Masters() const = 0;

  // Chooses, by timing on the GPU, the GEMMs' algorithms and split-K, the schedule of weight gradients, and what is
  // computed in epilogues. Before the first Forward, when the parameters are there; runs some thousand steps, without
  // the optimizer. The current stream is not the default one. `backward`: whether Backward will be called.
  virtual void Tune(const Batch& batch, bool backward) = 0;
  // AdamW's state as new: moments and the count of steps at 0, masters at the parameters.
  virtual void ResetOptimizer() = 0;

  // Forward, Backward and OptimizerStep enqueue on LibTorch's current stream. Forward leaves Loss(), FP32 [], and
  // all that Backward reads; Backward puts gradients in its place, so it runs once after a Forward.
  virtual void Forward(const Batch& batch) = 0;
  virtual void Backward(const Batch& batch) = 0;
  virtual void OptimizerStep() = 0;
  virtual at::Tensor Loss() const = 0;
};

// What the fused kernels need of a model: nothing, or a sentence that says what.
std::string WhyNotFused(const ModelConfig& config, std::int64_t context, Attention attention);

std::unique_ptr<FusedTransformer> MakeFusedTransformer(const FusedOptions& options);

}  // namespace tbench
