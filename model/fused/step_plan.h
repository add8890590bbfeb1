#pragma once

#include "model/fused/attention.h"
#include "model/fused/fused_transformer.h"
#include "model/fused/gemm.h"
#include "model/fused/linear_plan.h"
#include "model/fused/parameter_layout.h"
#include "model/fused/step_buffers.h"

namespace tbench {

// What the parts of a step share.
struct StepContext {
  const FusedOptions& options;
  const ParameterLayout& layout;
  cublasLtHandle_t lt;
  const GemmWorkspace& workspace;
  StepBuffers& buffers;
  FusedAttention& attention;
};

// How a step is computed. StepTuner writes it; the step reads it. Until then: no split-K, nothing in an epilogue.
struct StepPlan {
  LinearPlan qkv, output, w13, w2, head;
  Fusion rope = Fusion::kApart, swiglu_forward = Fusion::kApart, swiglu_backward = Fusion::kApart;
};

// Refers to what the context refers to.
StepPlan MakeStepPlan(const StepContext& context);

}  // namespace tbench
