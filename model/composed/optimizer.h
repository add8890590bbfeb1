#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace tbench {

// AdamW (Loshchilov & Hutter 2019): decay decoupled from the gradient, moments bias-corrected, in FP32. Uses LibTorch's
// fused operator. Where the weights are BF16 it keeps FP32 masters of them: gradients are cast to FP32 and the masters
// copied back, chunk by chunk, so that the casts need little memory.
class AdamW {
 public:
  struct Options {
    double learning_rate = 1e-3;
    double beta1 = 0.9;
    double beta2 = 0.999;
    double epsilon = 1e-8;
    double weight_decay = 0.01;
  };

  // All parameters on one device and of one type; the moments start at 0, the masters at the weights.
  AdamW(std::vector<at::Tensor> parameters, const Options& options);

  // One step from the parameters' gradients, all of which must be defined. Waits for nothing.
  void Step();

  // As new, in the same memory: the moments and the count of steps at 0, the masters at the weights.
  void Reset();

  // The FP32 weights that are stepped, in the order of the parameters: these themselves unless they are BF16.
  std::vector<at::Tensor> masters() const;

 private:
  // Parameters that are stepped together; the lists have equal lengths.
  struct Chunk {
    std::vector<at::Tensor> parameters, masters, first_moments, second_moments, steps;
  };
  void StepChunk(Chunk& chunk);

  Options options_;
  std::vector<Chunk> chunks_;
};

}  // namespace tbench
