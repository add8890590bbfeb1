#pragma once

#include "model/spec/work.h"

namespace tbench {

// The GPU memory that a step of LibTorch's operators needs at its peak for its tensors.
//
// B batch, T context, n = BT tokens, d, f, V, L, h as in ModelConfig, N parameters, S = BhT² scores, e bytes of an
// element (2 with bf16, else 4). What autograd keeps of the forward pass, per layer:
//   two norms         2·(8 + e)·nd  input and scaled input in FP32, output        (FP32: the input is the residual sum)
//   attention         4e·nd         rotated q and k, v, joined heads
//   its scores        4S            naive: the softmax's FP32 result; with bf16 also its cast, 2S; sdpa: none
//   SwiGLU            4e·nf         w1 x, its silu, w3 x, their product
// and after the layers (8 + e)·nd of the last norm and 4nV of the log-softmax. On top come, at the worst moment of
// * the forward pass: the logits, e·nV (bf16: and 4nV, their FP32 copy), or the last layer's raw, masked and softmaxed
//   scores while its SwiGLU is not there yet;
// * the backward pass: the log-softmax's gradients, 8nV, or the same layer's gradients of scores; or at its end, when
//   the activations are gone, all gradients, e·N;
// * the AdamW step: bf16 casts gradients to FP32 in chunks of 2^26 elements.
// Always there: weights e·N, with an optimizer two moments 8N and, with bf16, masters 4N.
//
// Not in it: workspaces of libraries (cuBLAS: 32 MiB a thread on Hopper) and the allocator's rounding to blocks.
double PredictedPeakBytes(const StepSpec& step);

}  // namespace tbench
