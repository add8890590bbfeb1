#pragma once

#include <cstdint>
#include <memory>

#include "model/composed/batch.h"
#include "model/fused/step_plan.h"

namespace tbench {

// The stages of a step, each of a few GEMMs and kernels that are tuned together. They enqueue on LibTorch's current
// stream, and find their operands where the stages before left them.
class StepStages {
 public:
  virtual ~StepStages() = default;

  virtual void Embed(const Batch& batch) = 0;             // the residual stream, and its first norm
  virtual void Attend(std::int64_t layer) = 0;            // q, k and v, RoPE, attention
  virtual void AddAttention(std::int64_t layer) = 0;      // to the residual stream, and the second norm
  virtual void ExpandAndGate(std::int64_t layer) = 0;     // a and b of SwiGLU, and h
  virtual void AddFeedForward(std::int64_t layer) = 0;    // to the residual stream, and the next norm
  virtual void ComputeLoss(const Batch& batch) = 0;       // the head and cross-entropy
  virtual void BackToLogits(const Batch& batch) = 0;      // their gradient
  virtual void BackToLastNorm() = 0;                      // that of the residual stream before it
  virtual void BackToGate(std::int64_t layer) = 0;        // those of a and b
  virtual void BackToSecondNorm(std::int64_t layer) = 0;  // that of the residual stream before it
  virtual void BackToAttention(std::int64_t layer) = 0;   // those of q, k and v
  virtual void BackToFirstNorm(std::int64_t layer) = 0;   // that of the residual stream before it
  virtual void BackToEmbeddings(const Batch& batch) = 0;  // those of the norms' weights and of the embeddings
  virtual void UpdateParameters() = 0;                    // AdamW
};

// Refer to what the context refers to, and to the plan.
std::unique_ptr<StepStages> MakeStepStages(const StepContext& context, const StepPlan& plan);

}  // namespace tbench
