#include "model/fused/step_tuner.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>
#include <vector>

#include "model/fused/cuda_graph.h"
#include "model/kernels/hopper/hopper_support.h"

namespace tbench {
namespace {

// So many layers are timed together: their weights are beyond any cache.
constexpr std::int64_t kMaxTunedLayers = 12;
constexpr int kTimings = 3;

}  // namespace

StepTuner::StepTuner(const StepContext& context, StepStages& stages, StepPlan& plan, WeightGradients& weight_gradients)
    : context_(context), stages_(stages), plan_(plan), weight_gradients_(weight_gradients) {}

void StepTuner::Tune(bool backward, const std::function<void()>& step) {
  FillActivations();
  TuneForward();
  if (!backward) return ReconsiderFusions({&plan_.swiglu_forward, &plan_.rope}, step);
  TuneBackward();
  weight_gradients_.Tune(step);
  ReconsiderFusions({&plan_.swiglu_backward, &plan_.swiglu_forward, &plan_.rope}, step);
}

// With random numbers: a GPU multiplies zeros faster.
void StepTuner::FillActivations() {
  StepBuffers& b = context_.buffers;
  for (std::int64_t i = 0; i < std::int64_t(b.layers.size()); ++i) {
    const LayerBuffers& layer = b.layer(i);
    const NormBuffers &first = b.norm(StepBuffers::FirstNorm(i)), &second = b.norm(StepBuffers::SecondNorm(i));
    for (const at::Tensor* tensor :
         {&first.x, &first.normed, &layer.qkv, &second.x, &second.normed, &layer.ab, &layer.h}) {
      tensor->normal_();
    }
    b.layers[std::size_t(i)].heads = first.normed;
  }
  for (const at::Tensor* tensor : {&b.norms.back().x, &b.norms.back().normed, &b.logits}) tensor->normal_();
}

void StepTuner::TuneForward() {
  for (LinearPlan* linear : {&plan_.qkv, &plan_.w13, &plan_.head}) {
    linear->forward->Tune(linear->AllOperandsOf(*linear->forward), context_.workspace);
  }
  if (context_.attention.accepts_rotated()) ChooseFusion(plan_.rope, [this](std::int64_t i) { stages_.Attend(i); });
  ChooseSplits(plan_.output, LinearGemm::kForward, [this](std::int64_t i) { stages_.AddAttention(i); });
  ChooseSplits(plan_.w2, LinearGemm::kForward, [this](std::int64_t i) { stages_.AddFeedForward(i); });
  ChooseFusion(plan_.swiglu_forward, [this](std::int64_t i) { stages_.ExpandAndGate(i); });
}

void StepTuner::TuneBackward() {
  for (LinearPlan* linear : {&plan_.output, &plan_.w2}) {
    linear->input_gradient->Tune(linear->AllOperandsOf(*linear->input_gradient), context_.workspace);
  }
  ChooseSplits(plan_.head, LinearGemm::kInputGradient, [this](std::int64_t) { stages_.BackToLastNorm(); });
  ChooseSplits(plan_.w13, LinearGemm::kInputGradient, [this](std::int64_t i) { stages_.BackToSecondNorm(i); });
  ChooseSplits(plan_.qkv, LinearGemm::kInputGradient, [this](std::int64_t i) { stages_.BackToFirstNorm(i); });
  ChooseFusion(plan_.swiglu_backward, [this](std::int64_t i) { stages_.BackToGate(i); });
}

// Times the GEMM with the norm behind it, `run(layer)`, for each split-K, and keeps the fastest.
void StepTuner::ChooseSplits(LinearPlan& linear, LinearGemm kind, const RunLayer& run) {
  const Precision precision = context_.options.precision;
  const bool forward = kind == LinearGemm::kForward;
  const std::int64_t summed = forward ? linear.shape.in : linear.shape.out;
  std::unique_ptr<Gemm>& gemm = forward ? linear.forward : linear.input_gradient;
  std::unique_ptr<Gemm> fastest;
  float best = std::numeric_limits<float>::infinity();
  for (const std::int64_t splits : kSplits) {
    const bool can_split = context_.buffers.partials.defined() && TraitsOf(precision).gemm != GemmMath::kFp32x3 &&
                           summed % (8 * splits) == 0;
    if (splits > 1 && !can_split) continue;
    gemm = MakeGemm(context_.lt, kind, linear.shape, splits, precision);
    gemm->Tune(linear.AllOperandsOf(*gemm), context_.workspace);
    const float time = TimeLayers(linear.layers, run);
    if (time >= best) continue;
    best = time;
    fastest = std::move(gemm);
  }
  gemm = std::move(fastest);
}

bool StepTuner::HasEpilogues() const {
  return TraitsOf(context_.options.precision).gemm == GemmMath::kBf16 && kernels::HasHopperGemms();
}

// Times both, unless one is demanded, and keeps the epilogue where it is the faster by kTimingGain.
void StepTuner::ChooseFusion(Fusion& fusion, const RunLayer& run) {
  if (!HasEpilogues()) return;
  if (context_.options.fusion) {
    fusion = *context_.options.fusion;
    return;
  }
  const auto time = [&](Fusion candidate) {
    fusion = candidate;
    run(0);  // sets libraries up, which a capture does not allow
    return TimeLayers(context_.options.config.layers, run);
  };
  const float apart = time(Fusion::kApart);
  if (time(Fusion::kInEpilogue) >= kTimingGain * apart) fusion = Fusion::kApart;
}

// A layer by itself does not show what a GEMM costs beside weight gradients, or at the power limit: times the step with
// the other choice too, in turn.
void StepTuner::ReconsiderFusions(std::initializer_list<Fusion*> fusions, const std::function<void()>& step) {
  if (!HasEpilogues() || context_.options.fusion) return;
  for (Fusion* const fusion : fusions) {
    if (fusion == &plan_.rope && !context_.attention.accepts_rotated()) continue;
    const std::array<Fusion, 2> choices{*fusion, *fusion == Fusion::kApart ? Fusion::kInEpilogue : Fusion::kApart};
    const bool other = IsFasterInTurn([&](bool second) {
      *fusion = choices[second ? 1 : 0];
      return TimeSustained(step);
    });
    *fusion = choices[other ? 1 : 0];
  }
}

float StepTuner::TimeLayers(std::int64_t layers, const RunLayer& run) const {
  return TimeInGraph(kTimings, [&] {
    for (std::int64_t i = 0; i < std::min(layers, kMaxTunedLayers); ++i) run(i);
  });
}

}  // namespace tbench
